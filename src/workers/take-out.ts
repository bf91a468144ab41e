/** Exports a stored run as files. */
import { type Zippable, zipSync } from "fflate";
import { type ExportedFile, type ExportKind, KelvinError, type StoredRun } from "../contracts";
import { writeCsv } from "../export/curves-csv";
import { exportOnnx } from "../export/decoder";
import { writeReport } from "../export/report";
import { TENSORBOARD_ENDING, writeTensorboard } from "../export/tensorboard";
import { modelWeights } from "../export/weights";
import { parseConfig } from "../model/config";
import { weightsInMemory } from "../model/stored-weights";
import { filesBelow, readFile, readText } from "../storage/files";
import { EVENTS } from "../storage/run-log";
import { findCheckpoint, findRun, readLog } from "../storage/stored";
import { openLog } from "../telemetry/replay";
import { handoverZip } from "./handover-zip";

/** A zip file is assembled in memory without the zip64 extension, and browsers read at most this much of a file at once. */
const MOST_BYTES = 2 ** 31 - 2 ** 20;

type Maker = (run: StoredRun, most: number) => Promise<{ readonly ending: string; readonly file: Blob }>;

const MAKERS: Readonly<Record<ExportKind, Maker>> = {
  log: async ({ id }) => ({ ending: ".events.jsonl", file: await readLog(id) }),
  folder: async (run, most) => ({ ending: ".run.zip", file: await zipFolder(run, most) }),
  safetensors: async ({ id }) => ({ ending: ".safetensors", file: await weightsOf(id) }),
  onnx: async ({ id }, most) => ({ ending: ".onnx", file: await onnxOf(id, most) }),
  report: async ({ id, name }) => ({
    ending: ".html",
    file: new Blob([writeReport(await eventsOf(id), name)], { type: "text/html" }),
  }),
  csv: async ({ id }) => ({ ending: ".csv", file: new Blob([writeCsv(await eventsOf(id))], { type: "text/csv" }) }),
  handover: async (run) => ({
    ending: ".handover.zip",
    file: await handoverZip(run, await eventsOf(run.id), new URL(self.name)),
  }),
  tensorboard: async ({ id }) => ({
    ending: TENSORBOARD_ENDING,
    file: new Blob(writeTensorboard(await eventsOf(id)) as Uint8Array<ArrayBuffer>[]),
  }),
};

const eventsOf = async (id: string) => openLog(await readLog(id));

/**
 * @param most bytes that may be assembled in memory
 * @throws KelvinError "storage" if the run has no such part, or one that is too large; "model" for weights that ONNX cannot hold
 */
export async function takeOut(id: string, kind: ExportKind, most = MOST_BYTES): Promise<ExportedFile> {
  const { about } = await findRun(id);
  const { ending, file } = await MAKERS[kind](about, most);
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

async function onnxOf(id: string, most: number): Promise<Blob> {
  const weights = await weightsOf(id);
  refuseBeyond(most, weights.size, "weights");
  const place = await findCheckpoint(id);
  const config = parseConfig(JSON.parse((await readText(place, "config.json")) ?? "{}"));
  const tensors = await modelWeights(config, weightsInMemory(await bytesOf(weights)));
  return new Blob(exportOnnx(config, tensors) as Uint8Array<ArrayBuffer>[]);
}

/** The layout of Node's run folder, so that `train --resume` can continue the run there. */
async function zipFolder({ id, checkpoint }: StoredRun, most: number): Promise<Blob> {
  const log = await readLog(id);
  const parts: [string, File][] = [];
  if (checkpoint !== null)
    for await (const part of filesBelow(await findCheckpoint(id), "checkpoint/")) parts.push(part);
  refuseBeyond(most, log.size + parts.reduce((sum, [, { size }]) => sum + size, 0), "folder");
  const files: Zippable = { [EVENTS]: [await bytesOf(log), { level: 6 }] };
  // Weights do not compress.
  for (const [path, file] of parts) files[path] = [await bytesOf(file), { level: 0 }];
  return new Blob([zipSync(files)], { type: "application/zip" });
}

async function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await blob.arrayBuffer());
}

/** Called before a byte is read. @throws KelvinError "storage" that names what can be exported instead */
function refuseBeyond(most: number, bytes: number, what: "folder" | "weights"): void {
  if (bytes <= most) return;
  const made = what === "folder" ? "one zip file" : "ONNX";
  throw new KelvinError(
    "storage",
    `This run's ${what}, ${gigabytes(bytes)}, cannot be taken out as ${made}: the page makes files of at most ${gigabytes(most)}.`,
    "Take out its weights as safetensors, which have no such limit; its log can be taken out by itself too.",
  );
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
