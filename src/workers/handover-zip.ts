/** A stored run as a zip with which another trainer goes on. */
import { type Zippable, zipSync } from "fflate";
import { SHIPPED_MODELS, type StoredRun, type TrainEvent } from "../contracts";
import { handover } from "../handover/bundle";
import { filesBelow } from "../storage/files";
import { findCheckpoint } from "../storage/stored";
import { fetchSuites } from "./fetch-model";

/** Of a checkpoint, what only Kelvin reads. */
const OWN: readonly string[] = ["engine.bin", "run.json", "digests.json"];

/** @param root the page's folder, where the held-out suites lie. @throws KelvinError as `handover` does, and "storage" without a checkpoint */
export async function handoverZip({ id, run }: StoredRun, events: readonly TrainEvent[], root: URL): Promise<Blob> {
  const files = new Map<string, Uint8Array>();
  for await (const [path, file] of filesBelow(await findCheckpoint(id)))
    if (!OWN.includes(path)) files.set(path, new Uint8Array(await file.arrayBuffer()));
  const shipped = SHIPPED_MODELS.find((name) => name === run.model) ?? null;
  const suites = await fetchSuites(root, shipped);
  const bundle = handover({
    ...{ events, files, withChat: run.chat !== "off" },
    heldOut: suites.flatMap(({ tasks }) => tasks),
  });
  const zipped: Zippable = {};
  // Weights do not compress.
  for (const [path, bytes] of bundle) zipped[path] = [bytes, { level: path.endsWith(".safetensors") ? 0 : 6 }];
  return new Blob([zipSync(zipped)], { type: "application/zip" });
}
