import { KelvinError, LORA_TARGETS, type LoraConfig, type LoraTarget } from "../contracts";
import { adapterLayout, moduleName } from "./adapter-layout";
import { checkParameters } from "./belongs";
import type { ModelConfig } from "./config";
import type { Adapter } from "./merge";
import { parameterLayout } from "./parameters";
import { PEFT_CONFIG, parsePeftConfig, SUPPORTED } from "./peft-config";
import { type Tensor, writeSafetensors } from "./safetensors";
import { type ModelSource, readJson } from "./source";
import { readAll, type StoredTensor, type StoredTensors, weightsInMemory } from "./stored-weights";

/** The other file of an adapter in the layout of Hugging Face's PEFT, beside `adapter_config.json`. */
export const PEFT_WEIGHTS = "adapter_model.safetensors";

export { PEFT_CONFIG } from "./peft-config";

/** How PEFT wraps a causal language model: its tensor names begin with this. */
const PREFIX = "base_model.model.";

/** An adapter as PEFT's two files. */
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

async function parsePeft(json: unknown, weights: Uint8Array, model: ModelConfig): Promise<Adapter> {
  const { rank, alpha, base, targets: named } = parsePeftConfig(json);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, tensor] of weightsInMemory(weights, PEFT_WEIGHTS)) tensors.set(bareName(name), tensor);
  const names = [...tensors.keys()];
  const targets = LORA_TARGETS.filter((target) => names.some((name) => name.includes(`.${moduleName(target)}.`)));
  if (named) requireTargets(named, targets);
  const lora: LoraConfig = { rank, alpha, targets };
  return { lora, tensors: await fitted(model, lora, tensors), base };
}

/** The modules that are named are those that have tensors. @throws KelvinError "model" naming the one that is not */
function requireTargets(named: readonly string[], targets: readonly LoraTarget[]): void {
  if (named.length === 1 && named[0] === "all-linear") return;
  const modules = targets.map(moduleName);
  const isOne = (name: string, module: string): boolean => name === module || name.endsWith(`.${module}`);
  const without = named.find((name) => !modules.some((module) => isOne(name, module)));
  if (without !== undefined && targets.length > 0)
    fail(`${PEFT_CONFIG} target_modules: ${PEFT_WEIGHTS} has nothing for ${without}`);
  const unnamed = modules.find((module) => !named.some((name) => isOne(name, module)));
  if (unnamed !== undefined)
    fail(`${PEFT_CONFIG} target_modules: ${unnamed} is missing, but ${PEFT_WEIGHTS} adapts it`);
}

function fail(message: string): never {
  throw new KelvinError("model", message, SUPPORTED);
}

function bareName(name: string): string {
  if (!name.startsWith(PREFIX) || !/\.lora_[AB]\.weight$/.test(name))
    fail(`${PEFT_WEIGHTS}: ${name} is no LoRA matrix of a projection`);
  return name.slice(PREFIX.length);
}

/** The tensors in the layout's order. @throws KelvinError "model" where one is missing, too many or of another shape */
async function fitted(model: ModelConfig, lora: LoraConfig, tensors: StoredTensors): Promise<Map<string, Tensor>> {
  if (tensors.size === 0) fail(`${PEFT_WEIGHTS} holds no adapter`);
  const layout = adapterLayout(parameterLayout(model), lora);
  const known = new Set(layout.parameters.map(({ name }) => name));
  const stray = [...tensors.keys()].find((name) => !known.has(name));
  if (stray !== undefined)
    throw new KelvinError(
      "model",
      `${PEFT_WEIGHTS}: the model has no place for ${stray}`,
      "It belongs to another model.",
    );
  checkParameters(layout, tensors, PEFT_WEIGHTS);
  const read = await readAll(tensors);
  return new Map(layout.parameters.map(({ name }) => [name, read.get(name) as Tensor]));
}
