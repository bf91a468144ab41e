/** Stands where the trainer's worker stands: it opens models and reads all of their weights. */
import { KelvinError, type ModelChoice } from "../../../src/contracts";
import { cpuAdapter } from "../../../src/cpu/adapter";
import { openEngine } from "../../../src/model/engine";
import { blobSource } from "../../../src/model/source";
import { readAll } from "../../../src/model/stored-weights";
import { listDownloads, removeDownload } from "../../../src/workers/model-source/downloads";
import { openModel } from "../../../src/workers/model-source/open";
import { plusThree } from "../../plus-three";
import { wholePath } from "../../shapes/whole-path";

export type Opened =
  | { readonly name: string; readonly sum: number; readonly bytes: number; readonly steps: number }
  | { readonly reason: string; readonly message: string };

async function open(choice: ModelChoice): Promise<Opened> {
  const counts: number[] = [];
  try {
    const files = await openModel(choice, new URL("/", self.location.href), (loaded) => counts.push(loaded));
    const tensors = await readAll(files.weights);
    let sum = 0;
    for (const { data } of tensors.values()) for (const value of data) sum += value;
    return { name: files.name, sum, bytes: Math.max(0, ...counts), steps: counts.length };
  } catch (error) {
    if (!(error instanceof KelvinError)) return { reason: "mistake", message: String(error) };
    return { reason: error.reason, message: error.message };
  }
}

/** The whole way of a folder's model, on the CPU engine. */
async function goThrough(files: readonly File[]) {
  const engine = await openEngine(cpuAdapter("plain"));
  const source = blobSource("chosen", new Map(files.map((file) => [file.name, file])));
  return wholePath(engine, source, plusThree()).finally(() => engine.device.close());
}

type Request = ModelChoice | "list" | { remove: string } | { through: readonly File[] };

self.onmessage = async ({ data }: MessageEvent<Request>) => {
  if (data === "list") self.postMessage(await listDownloads());
  else if (typeof data === "object" && "remove" in data) self.postMessage(await removeDownload(data.remove));
  else if (typeof data === "object" && "through" in data)
    self.postMessage(await goThrough(data.through).catch((error: unknown) => ({ failed: String(error) })));
  else self.postMessage(await open(data));
};
