import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Aggregation, KelvinError, LORA_TARGETS, type Loss, type TrainingSequence } from "../contracts";
import type { Adapter } from "../model/merge";
import { readSafetensors, type Tensor } from "../model/safetensors";
import { readTextFile } from "./disk";

/** Manifest of one case of reference vectors; see tests/golden/README.md. */
interface Manifest {
  readonly name: string;
  readonly config: unknown;
  readonly sft_loss: number;
  readonly lora_sft_loss: number;
  readonly hyperparameters: {
    readonly temperature: number;
    readonly clip_low: number;
    readonly clip_high: number;
    readonly kl_coefficient: number;
    readonly entropy_coefficient: number;
    readonly constant_length: number;
    readonly lora_rank: number;
    readonly lora_alpha: number;
    readonly learning_rate: number;
    readonly betas: readonly [number, number];
    readonly eps: number;
    readonly weight_decay: number;
    readonly max_grad_norm: number;
  };
  readonly clip_fraction: number;
  readonly adamw_losses: readonly number[];
  readonly adamw_grad_norms: readonly number[];
  readonly [policyLoss: `policy_loss_${string}`]: number;
}

/** One case: configuration, tensors from another implementation, and the sequences they were computed on. */
export interface GoldenCase {
  readonly manifest: Manifest;
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** Adapters on some projections of the same model; null if the case has no adapters. */
  readonly adapter: Adapter | null;
  readonly sequences: readonly TrainingSequence[];
  readonly greedy: Int32Array;
}

/** Aggregations of the loss: their names in the cases and in our code. */
export const AGGREGATIONS: readonly { readonly mode: string; readonly aggregation: Aggregation }[] = [
  { mode: "token_mean", aggregation: "token-mean" },
  { mode: "sequence_mean", aggregation: "sequence-mean" },
  { mode: "constant_length", aggregation: "constant-length" },
];

/** All cases of a directory. @throws KelvinError "input" if there are none, or one is malformed */
export function readCases(directory: string): GoldenCase[] {
  if (!existsSync(directory))
    throw new KelvinError("input", `${directory} does not exist`, "name a directory of golden cases");
  if (!statSync(directory).isDirectory())
    throw new KelvinError("input", `${directory} is a file`, "name a directory of golden cases");
  const names = readdirSync(directory).filter(
    (file) => file.endsWith(".json") && existsSync(join(directory, file.replace(/\.json$/, ".safetensors"))),
  );
  if (names.length === 0)
    throw new KelvinError("input", `${directory} holds no case`, "a case is NAME.json beside NAME.safetensors");
  return names.sort().map((file) => readCase(directory, file));
}

function readCase(directory: string, file: string): GoldenCase {
  const path = join(directory, file);
  let manifest: Manifest;
  try {
    manifest = JSON.parse(readTextFile(path)) as Manifest;
  } catch {
    throw new KelvinError("input", `${path} is not JSON`, "copy the case again");
  }
  if (!manifest?.config || !manifest.hyperparameters)
    throw new KelvinError("input", `${path} has no config or hyperparameters`, "copy the case again");
  const { tensors, integers } = readSafetensors(readFileSync(path.replace(/\.json$/, ".safetensors")));
  const integersOf = (name: string): Int32Array => {
    const found = integers.get(name)?.data;
    if (!found) throw new KelvinError("input", `${path}: the tensor ${name} is missing`, "copy the case again");
    return found;
  };
  const parameters = new Map<string, Tensor>();
  for (const [name, tensor] of tensors)
    if (name.startsWith("param/")) parameters.set(name.slice("param/".length), tensor);
  const floats = (name: string): Float32Array => tensors.get(name)?.data ?? new Float32Array(0);
  const sequences = cut(integersOf("tokens"), integersOf("sequence_lengths"), integersOf("prompt_lengths"), {
    advantages: floats("policy/advantages_per_sequence"),
    old: floats("policy/old_logprobs"),
    reference: floats("policy/reference_logprobs"),
  });
  const adapter = readAdapter(manifest, tensors);
  return { manifest, tensors, parameters, adapter, sequences, greedy: integersOf("greedy/tokens") };
}

function readAdapter(manifest: Manifest, tensors: ReadonlyMap<string, Tensor>): Adapter | null {
  const prefix = "lora/param/";
  const found = new Map<string, Tensor>();
  for (const [name, tensor] of tensors) if (name.startsWith(prefix)) found.set(name.slice(prefix.length), tensor);
  if (found.size === 0) return null;
  const { lora_rank: rank, lora_alpha: alpha } = manifest.hyperparameters;
  const targets = LORA_TARGETS.filter((target) => [...found.keys()].some((name) => name.includes(`.${target}_proj.`)));
  return { lora: { rank, alpha, targets }, tensors: found, base: manifest.name };
}

function cut(
  tokens: Int32Array,
  lengths: Int32Array,
  prompts: Int32Array,
  policy: { advantages: Float32Array; old: Float32Array; reference: Float32Array },
): TrainingSequence[] {
  let at = 0;
  let completed = 0;
  return Array.from(lengths, (length, i) => {
    const prompt = prompts[i] as number;
    const count = length - prompt;
    const sequence: TrainingSequence = {
      prompt: tokens.slice(at, at + prompt),
      completion: tokens.slice(at + prompt, at + length),
      advantage: policy.advantages[i] ?? 0,
      oldLogprobs: policy.old.slice(completed, completed + count),
      referenceLogprobs: policy.reference.slice(completed, completed + count),
    };
    at += length;
    completed += count;
    return sequence;
  });
}

/** The policy loss of a case, with one aggregation. */
export function policyLoss({ manifest }: GoldenCase, aggregation: Aggregation): Loss {
  const h = manifest.hyperparameters;
  return {
    kind: "policy-gradient",
    aggregation,
    temperature: h.temperature,
    clipLow: h.clip_low,
    clipHigh: h.clip_high,
    klCoefficient: h.kl_coefficient,
    entropyCoefficient: h.entropy_coefficient,
    constantLength: h.constant_length,
  };
}
