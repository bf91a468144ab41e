/**
 * What PEFT's `adapter_config.json` may say. Every field of PEFT 0.21's LoraConfig and of the versions before it is known:
 * either it does not change what an adapter computes, or only the value is taken that the engine computes.
 */
import { KelvinError, LORA_TARGETS } from "../contracts";
import { moduleName } from "./adapter-layout";
import { isObject } from "./config-fields";

export const PEFT_CONFIG = "adapter_config.json";
export const SUPPORTED = "Plain LoRA on the projections of a layer is supported: one rank, one alpha, no biases.";

/** What an adapter computes: W x + (alpha / rank) · B (A x). */
export interface PeftConfig {
  readonly rank: number;
  readonly alpha: number;
  readonly base: string;
  /** Last words of the adapted modules' names; null for a pattern. */
  readonly targets: readonly string[] | null;
}

/** Notes on training and on where things came from: whatever they say, the adapter computes the same. */
const NEUTRAL: ReadonlySet<string> = new Set([
  "auto_mapping",
  "ensure_weight_tying",
  "eva_config",
  "inference_mode",
  "lora_dropout",
  "megatron_core",
  "merge_weights",
  "peft_version",
  "qalora_group_size",
  "revision",
  "runtime_config",
]);

/** Ways to begin that leave the base as it is. PiSSA, OLoRA, CorDA, LoftQ and LoRA-GA change it, so the adapter fits another base. */
const PLAIN_BEGINNINGS: readonly unknown[] = [true, false, "gaussian", "orthogonal", "eva"];

const isOff = (value: unknown): boolean => value === false;
const isNothing = (value: unknown): boolean =>
  (Array.isArray(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0);

/** The values that are computed, by field; null and a missing field are always taken for PEFT's own default. */
const COMPUTED: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ["peft_type", (value) => value === "LORA"],
  ["task_type", (value) => value === "CAUSAL_LM"],
  ["bias", (value) => value === "none"],
  ["init_lora_weights", (value) => PLAIN_BEGINNINGS.includes(value)],
  ["use_rslora", (value) => typeof value === "boolean"],
  ...["use_dora", "use_qalora", "use_bdlora", "fan_in_fan_out", "lora_bias"].map((name) => [name, isOff] as const),
  ...[
    "alora_invocation_tokens",
    "alpha_pattern",
    "arrow_config",
    "corda_config",
    "enable_lora",
    "kasa_config",
    "layer_replication",
    "layers_pattern",
    "layers_to_transform",
    "loftq_config",
    "lora_ga_config",
    "megatron_config",
    "modules_to_save",
    "monteclora_config",
    "rank_pattern",
    "target_parameters",
    "trainable_token_indices",
    "velora_config",
  ].map((name) => [name, isNothing] as const),
]);

/** Fields that are read below. */
const READ: ReadonlySet<string> = new Set([
  "base_model_name_or_path",
  "exclude_modules",
  "lora_alpha",
  "r",
  "target_modules",
]);

/** @throws KelvinError "model" naming the first field that is unknown, or has a value that is not computed */
export function parsePeftConfig(json: unknown): PeftConfig {
  if (!isObject(json)) throw new KelvinError("model", `${PEFT_CONFIG} is not a JSON object`, SUPPORTED);
  if (json["peft_type"] === undefined) refuse("peft_type", "is missing");
  for (const [name, value] of Object.entries(json)) refuseOther(name, value);
  const { r: rank, lora_alpha: alpha, base_model_name_or_path: base = null } = json;
  if (!Number.isInteger(rank) || (rank as number) < 1) refuse("r", `${shown(rank)} is not a whole number above 0`);
  if (typeof alpha !== "number" || !(alpha > 0 && alpha < Number.POSITIVE_INFINITY))
    refuse("lora_alpha", `${shown(alpha)} is not a number above 0`);
  if (base !== null && typeof base !== "string") refuse("base_model_name_or_path", `${shown(base)} is not a text`);
  // Rank-stabilised LoRA (Kalajdzievski, arXiv 2312.03732) scales by alpha / √rank.
  const stretched = json["use_rslora"] === true ? alpha * Math.sqrt(rank as number) : alpha;
  return { rank: rank as number, alpha: stretched, base: base ?? "", targets: targetsOf(json) };
}

function refuseOther(name: string, value: unknown): void {
  if (READ.has(name) || NEUTRAL.has(name)) return;
  const isComputed = COMPUTED.get(name);
  if (!isComputed) {
    if (value === null) return;
    refuse(name, `${shown(value)}: this field is not known, and may change what the adapter computes`);
  }
  if ((value ?? null) !== null && !isComputed(value)) refuse(name, `${shown(value)} is not supported`);
}

/** Which modules the adapter is on. PEFT leaves tensors of other modules out. */
function targetsOf(json: Readonly<Record<string, unknown>>): readonly string[] | null {
  const { target_modules: targets = null, exclude_modules: excluded = null } = json;
  const isList = Array.isArray(targets) && targets.every((name) => typeof name === "string");
  if (targets !== null && typeof targets !== "string" && !isList)
    refuse("target_modules", `${shown(targets)} is no list of names`);
  if (!excludesNothing(excluded)) refuse("exclude_modules", `${shown(excluded)} is not supported`);
  return isList ? (targets as string[]) : null;
}

/** A pattern may exclude anything; a list excludes nothing of ours unless it ends in the name of a projection. */
function excludesNothing(excluded: unknown): boolean {
  if (excluded === null || excluded === "") return true;
  const projections = LORA_TARGETS.map(moduleName);
  const isOther = (name: unknown): boolean =>
    typeof name === "string" && !projections.includes(name.slice(name.lastIndexOf(".") + 1));
  return Array.isArray(excluded) && excluded.every(isOther);
}

function refuse(name: string, message: string): never {
  throw new KelvinError("model", `${PEFT_CONFIG} ${name}: ${message}`, SUPPORTED);
}

/** A value in a message, on one line and not too long. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
