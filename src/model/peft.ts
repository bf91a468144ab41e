import * as v from "valibot";
import { KelvinError, LORA_TARGETS, type LoraConfig } from "../contracts";
import { adapterLayout, moduleName } from "./adapter-layout";
import { checkParameters } from "./belongs";
import type { ModelConfig } from "./config";
import type { Adapter } from "./merge";
import { readableTensors } from "./parameter-transfer";
import { parameterLayout } from "./parameters";
import { readSafetensors, type Tensor, writeSafetensors } from "./safetensors";
import { type ModelSource, readJson } from "./source";

/** The two files of an adapter in the layout of Hugging Face's PEFT. */
export const PEFT_CONFIG = "adapter_config.json";
export const PEFT_WEIGHTS = "adapter_model.safetensors";

/** PEFT's prefix for tensor names of causal language models. */
const PREFIX = "base_model.model.";

const off = v.optional(v.nullable(v.literal(false)));
const none = v.optional(v.nullable(v.union([v.strictObject({}), v.pipe(v.array(v.unknown()), v.length(0))])));
const Saved = v.object({
  peft_type: v.literal("LORA"),
  r: v.pipe(v.number(), v.integer(), v.minValue(1)),
  lora_alpha: v.pipe(v.number(), v.gtValue(0)),
  // Each of these changes the arithmetic, so another value must be refused.
  bias: v.optional(v.nullable(v.literal("none"))),
  use_rslora: off,
  use_dora: off,
  fan_in_fan_out: off,
  rank_pattern: none,
  alpha_pattern: none,
  modules_to_save: none,
  base_model_name_or_path: v.optional(v.nullable(v.string())),
});

/** Writes an adapter as PEFT's two files. */
export function writePeft({ lora, tensors, base }: Adapter): Map<string, Uint8Array<ArrayBuffer>> {
  const config = {
    peft_type: "LORA",
    task_type: "CAUSAL_LM",
    base_model_name_or_path: base,
    r: lora.rank,
    lora_alpha: lora.alpha,
    lora_dropout: 0,
    target_modules: lora.targets.map(moduleName),
    bias: "none",
    fan_in_fan_out: false,
    use_rslora: false,
    use_dora: false,
    inference_mode: true,
    init_lora_weights: true,
    modules_to_save: null,
  };
  const named = new Map([...tensors].map(([name, tensor]) => [PREFIX + name, tensor]));
  return new Map([
    [PEFT_CONFIG, new TextEncoder().encode(`${JSON.stringify(config, null, 2)}\n`)],
    [PEFT_WEIGHTS, writeSafetensors(named, { format: "pt" })],
  ]);
}

/**
 * Reads an adapter from PEFT's two files and checks it against its model. The tensors' names decide the targets.
 * @throws KelvinError "model" for a missing or damaged file, another kind of adapter, or an adapter of another model
 */
export async function readPeft(source: ModelSource, model: ModelConfig): Promise<Adapter> {
  const json = await readJson(source, PEFT_CONFIG);
  const weights = await source.open(PEFT_WEIGHTS);
  if (json === null || !weights) {
    const hint = `An adapter in PEFT's layout is a folder with ${PEFT_CONFIG} and ${PEFT_WEIGHTS}.`;
    throw new KelvinError("model", `there is no adapter in ${source.name}`, hint);
  }
  return parsePeft(json, await weights.read(0, weights.size), model);
}

function parsePeft(json: unknown, weights: Uint8Array, model: ModelConfig): Adapter {
  const parsed = v.safeParse(Saved, json);
  if (!parsed.success) {
    const [{ message, path }] = parsed.issues;
    const field = path ? ` ${path.map(({ key }) => String(key)).join(".")}` : "";
    throw new KelvinError("model", `${PEFT_CONFIG}${field}: ${message}`, SUPPORTED);
  }
  const tensors = new Map<string, Tensor>();
  for (const [name, tensor] of readSafetensors(weights, PEFT_WEIGHTS).tensors) tensors.set(bareName(name), tensor);
  const names = [...tensors.keys()];
  const targets = LORA_TARGETS.filter((target) => names.some((name) => name.includes(`.${moduleName(target)}.`)));
  const lora: LoraConfig = { rank: parsed.output.r, alpha: parsed.output.lora_alpha, targets };
  const base = parsed.output.base_model_name_or_path ?? "";
  return { lora, tensors: fitted(model, lora, tensors), base };
}

const SUPPORTED = "Plain LoRA on the projections of a layer is supported: one rank, one alpha, no biases.";

function bareName(name: string): string {
  if (!name.startsWith(PREFIX) || !/\.lora_[AB]\.weight$/.test(name))
    throw new KelvinError("model", `${PEFT_WEIGHTS}: ${name} is no LoRA matrix of a projection`, SUPPORTED);
  return name.slice(PREFIX.length);
}

/** The tensors in the layout's order. @throws KelvinError "model" for a missing or surplus tensor, or another shape */
function fitted(model: ModelConfig, lora: LoraConfig, tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  if (tensors.size === 0) throw new KelvinError("model", `${PEFT_WEIGHTS} holds no adapter`, SUPPORTED);
  const layout = adapterLayout(parameterLayout(model), lora);
  const known = new Set(layout.parameters.map(({ name }) => name));
  const stray = [...tensors.keys()].find((name) => !known.has(name));
  if (stray !== undefined)
    throw new KelvinError(
      "model",
      `${PEFT_WEIGHTS}: the model has no place for ${stray}`,
      "It belongs to another model.",
    );
  checkParameters(layout, readableTensors(tensors), PEFT_WEIGHTS);
  return new Map(layout.parameters.map(({ name }) => [name, tensors.get(name) as Tensor]));
}
