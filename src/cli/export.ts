import { KelvinError } from "../contracts";
import { exportOnnx } from "../export/decoder";
import { modelWeights } from "../export/weights";
import { type ModelConfig, parseConfig } from "../model/config";
import { type Tensor, writeSafetensors } from "../model/safetensors";
import { readAll, type StoredTensors } from "../model/stored-weights";
import { readArguments } from "./arguments";
import { exportTarget, FORMATS, type Format, writeTarget } from "./export-target";
import { DEFAULT_MODEL, findModelFolder, readModelFolder } from "./model-folder";

const USAGE = "export --model DIR --format safetensors|onnx --out PATH [--force]";

/** `export`: a model as float32 safetensors, or as an ONNX decoder with a cache of keys and values. */
export async function main(argv: string[]): Promise<number> {
  const kinds = { model: "value", format: "value", out: "value", force: "flag" } as const;
  const options = readArguments(argv, kinds, USAGE);
  if (options.positionals.length > 0) throw new KelvinError("input", `unexpected ${options.positionals[0]}`, USAGE);
  const format = readFormat(options.value("format"));
  const out = options.value("out");
  if (!out) throw new KelvinError("input", "no --out", USAGE);
  const folder = findModelFolder(options.value("model") ?? DEFAULT_MODEL);
  const target = exportTarget(out, format, folder, options.flag("force"));
  const files = await readModelFolder(folder);
  const config = parseConfig(files.config);
  const weights = modelWeights(config, await readAll(files.weights));
  const size = writeTarget(target, encode[format](config, weights));
  console.log(`${target.path}: ${(size / 1e6).toFixed(1)} MB, ${description(weights, files.weights)}`);
  return 0;
}

const encode: Readonly<
  Record<Format, (config: ModelConfig, weights: ReadonlyMap<string, Tensor>) => readonly Uint8Array[]>
> = {
  onnx: exportOnnx,
  // The readers of Hugging Face ask for the word.
  safetensors: (_, weights) => [writeSafetensors(weights, { format: "pt" })],
};

function readFormat(name: string | undefined): Format {
  const format = FORMATS.find((known) => known === name);
  if (!format)
    throw new KelvinError(
      "input",
      name === undefined ? "no --format" : `--format ${name}`,
      `one of ${FORMATS.join(", ")}`,
    );
  return format;
}

/** Says what became of the numbers: float32 is kept bit for bit, half precision is widened without loss. */
function description(weights: ReadonlyMap<string, Tensor>, source: StoredTensors): string {
  const count = [...weights.values()].reduce((sum, { data }) => sum + data.length, 0);
  const types = new Set([...weights.keys()].map((name) => source.get(name)?.dtype ?? "F32"));
  const widened = [...types].filter((type) => type !== "F32").sort();
  const from = widened.length > 0 ? `, widened from ${widened.join(" and ")}` : "";
  return `${count} parameters in float32${from}`;
}
