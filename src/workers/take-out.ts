/** A kept run as files for elsewhere. */
import { type Zippable, zipSync } from "fflate";
import type { ExportedFile, ExportKind, StoredRun } from "../contracts";
import { exportOnnx } from "../export/decoder";
import { writeReport } from "../export/report";
import { modelWeights } from "../export/weights";
import { parseConfig } from "../model/config";
import { readSafetensors } from "../model/safetensors";
import { filesBelow, readFile, readText } from "../storage/files";
import { EVENTS } from "../storage/run-log";
import { findCheckpoint, findRun, readLog } from "../storage/stored";
import { readRecording } from "../telemetry/replay";

type Maker = (run: StoredRun) => Promise<{ readonly ending: string; readonly file: Blob }>;

const MAKERS: Readonly<Record<ExportKind, Maker>> = {
  log: async ({ id }) => ({ ending: ".events.jsonl", file: await readLog(id) }),
  folder: async (run) => ({ ending: ".run.zip", file: await zipFolder(run) }),
  safetensors: async ({ id }) => ({ ending: ".safetensors", file: await weightsOf(id) }),
  onnx: async ({ id }) => ({ ending: ".onnx", file: await onnxOf(id) }),
  report: async ({ id, name }) => {
    const events = readRecording(await (await readLog(id)).text());
    return { ending: ".html", file: new Blob([writeReport(events, name)], { type: "text/html" }) };
  },
};

/** @throws KelvinError "storage" where the run has no such part, "model" for weights that ONNX cannot hold */
export async function takeOut(id: string, kind: ExportKind): Promise<ExportedFile> {
  const { about } = await findRun(id);
  const { ending, file } = await MAKERS[kind](about);
  return { name: `${fileName(about.name)}${ending}`, file };
}

function fileName(name: string): string {
  return (
    name
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
      .replaceAll(/^-|-$/g, "") || "run"
  );
}

async function weightsOf(id: string): Promise<Blob> {
  return (await readFile(await findCheckpoint(id), "model.safetensors")) ?? new Blob([]);
}

async function onnxOf(id: string): Promise<Blob> {
  const place = await findCheckpoint(id);
  const config = parseConfig(JSON.parse((await readText(place, "config.json")) ?? "{}"));
  const { tensors } = readSafetensors(await bytesOf(await weightsOf(id)));
  return new Blob(exportOnnx(config, modelWeights(config, tensors)) as Uint8Array<ArrayBuffer>[]);
}

/** The layout of a run's folder in Node, so that `train --resume` goes on with it there. */
async function zipFolder({ id, checkpoint }: StoredRun): Promise<Blob> {
  const files: Zippable = { [EVENTS]: [await bytesOf(await readLog(id)), { level: 6 }] };
  if (checkpoint !== null) {
    // Weights do not get smaller.
    for await (const [path, file] of filesBelow(await findCheckpoint(id), "checkpoint/"))
      files[path] = [await bytesOf(file), { level: 0 }];
  }
  return new Blob([zipSync(files)], { type: "application/zip" });
}

async function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await blob.arrayBuffer());
}
