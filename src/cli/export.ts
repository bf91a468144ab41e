import { existsSync } from "node:fs";
import { join } from "node:path";
import { describeLora, KelvinError } from "../contracts";
import { exportOnnx } from "../export/decoder";
import { modelWeights } from "../export/weights";
import { type ModelConfig, parseConfig } from "../model/config";
import { type Adapter, mergeAdapter } from "../model/merge";
import type { ModelFiles } from "../model/model-files";
import { PEFT_WEIGHTS, writePeft } from "../model/peft";
import { safetensorsParts, type Tensor } from "../model/safetensors";
import type { StoredTensors } from "../model/stored-weights";
import { readAdapterFolder, refuseMerged } from "./adapter-folder";
import { type Arguments, readArguments, refusePositionals } from "./arguments";
import { CURVE_FORMATS, exportCurves } from "./export-curves";
import { exportHandover } from "./export-handover";
import { exportTarget, FORMATS, type Format, type Target, writeTarget } from "./export-target";
import { DEFAULT_MODEL, findModel, openModel } from "./model-folder";
import { ADAPTER } from "./run-folder";

const USAGE =
  "npm run export -- --model DIR|URL [--adapter ADAPTER_DIR [--base f32|f16]] --format safetensors|onnx|peft --out PATH [--force]; or --run RUN --format csv|tensorboard|handover --out PATH [--force]";

/** `export`: writes a model, with an adapter merged if one is named, or an adapter by itself; or a run's curves. */
export async function main(argv: string[]): Promise<number> {
  const kinds = {
    run: "value",
    model: "value",
    adapter: "value",
    base: "value",
    format: "value",
    out: "value",
    force: "flag",
  } as const;
  const options = readArguments(argv, kinds, USAGE);
  refusePositionals(options, USAGE);
  const out = options.value("out");
  if (!out) throw new KelvinError("input", "no --out", USAGE);
  const run = options.value("run");
  if (run !== undefined) {
    refuseBeside(options, ["model", "adapter", "base"]);
    const format = readFormat(options.value("format"), [...CURVE_FORMATS, "handover"] as const);
    if (format === "handover") await exportHandover(run, out, options.flag("force"));
    else exportCurves(run, format, out, options.flag("force"));
    return 0;
  }
  const format = readFormat(options.value("format"), FORMATS);
  const model = findModel(options.value("model") ?? DEFAULT_MODEL);
  const { folder } = model;
  const adapterFolder = options.value("adapter") ?? (format === "peft" ? ownAdapter(folder) : undefined);
  if (format !== "peft") refuseMerged(folder, adapterFolder, "adapter");
  const sources: [string, ...string[]] = adapterFolder === undefined ? [folder] : [folder, adapterFolder];
  const files = await openModel(model);
  const config = parseConfig(files.config);
  const adapter = await readAdapterFolder(adapterFolder, config, options);
  const target = exportTarget(out, format, sources, options.flag("force"));
  if (format === "peft") exportAdapter(target, adapter as Adapter);
  else await exportModel(target, encode[format], files, adapter);
  return 0;
}

/** The adapter in the checkpoint of a LoRA run. */
function ownAdapter(folder: string): string {
  const own = join(folder, ADAPTER);
  if (existsSync(own)) return own;
  throw new KelvinError("input", `${folder} holds no adapter`, "name one with --adapter, or a LoRA run's checkpoint");
}

type Encode = (config: ModelConfig, weights: ReadonlyMap<string, Tensor>) => readonly Uint8Array[];

const encode: Readonly<Record<Exclude<Format, "peft">, Encode>> = {
  onnx: exportOnnx,
  // Hugging Face's readers require the format field.
  safetensors: (_, weights) => safetensorsParts(weights, { format: "pt" }),
};

async function exportModel(target: Target, encoded: Encode, files: ModelFiles, adapter: Adapter | null): Promise<void> {
  const config = parseConfig(files.config);
  const base = await modelWeights(config, files.weights);
  const weights = adapter ? mergeAdapter(base, adapter) : base;
  const size = writeTarget(target, encoded(config, weights));
  const merged = adapter ? `, ${describeLora(adapter.lora)} merged` : "";
  console.log(`${target.path}: ${megabytes(size)}, ${description(weights, files.weights)}${merged}`);
}

function exportAdapter(target: Target, adapter: Adapter): void {
  const files = writePeft(adapter);
  const weights = files.get(PEFT_WEIGHTS) as Uint8Array;
  files.delete(PEFT_WEIGHTS);
  const size = writeTarget(target, [weights], files);
  console.log(
    `${target.path}: ${megabytes(size)}, ${count(adapter.tensors)} parameters, ${describeLora(adapter.lora)}`,
  );
}

/** A run's curves need no model. */
function refuseBeside(options: Arguments, names: readonly string[]): void {
  const [name] = names.filter((one) => options.value(one) !== undefined);
  if (name) throw new KelvinError("input", `--${name} beside --run`, "name a run for its curves, or a model");
}

function readFormat<T extends string>(name: string | undefined, formats: readonly T[]): T {
  const format = formats.find((known) => known === name);
  if (!format)
    throw new KelvinError(
      "input",
      name === undefined ? "no --format" : `--format ${name}`,
      `one of ${formats.join(", ")}`,
    );
  return format;
}

/** Says what became of the numbers: float32 is kept bit for bit, half precision is widened without loss, F64 is rounded. */
function description(weights: ReadonlyMap<string, Tensor>, source: StoredTensors): string {
  const types = new Set([...weights.keys()].map((name) => source.get(name)?.dtype ?? "F32"));
  const widened = [...types].filter((type) => type !== "F32" && type !== "F64").sort();
  const from = widened.length > 0 ? `, widened from ${widened.join(" and ")}` : "";
  const rounded = types.has("F64") ? ", rounded from F64" : "";
  return `${count(weights)} parameters in float32${from}${rounded}`;
}

function count(tensors: ReadonlyMap<string, Tensor>): number {
  return [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
