import type { LoraConfig, Precision } from "../contracts";
import { MOST_LANES } from "../device/device";
import type { GenerationPlan } from "./caches";
import { type ModelConfig, widths } from "./config";
import { DEFAULT_LIMITS, type ParameterLayout, parameterLayout } from "./parameters";
import { chunkColumns } from "./vocabulary-head";
import type { Activations, WorkspaceSizes } from "./workspace";

/** Sizes of a model on the device, planned before anything is allocated. */
export interface Plan extends GenerationPlan {
  /** Tokens per training micro-batch, and per scoring pass. */
  readonly trainingRows: number;
  /**
   * Whether layers store their activations for the backward pass, or it computes them again from the layers' inputs. With
   * "inference" there is no memory for gradients and moments.
   */
  readonly activations: Activations;
  /** Whether to reserve memory for a frozen copy of trained weights, for a loss with a KL penalty. */
  readonly reference: boolean;
  /** The optimizer to plan work space for; AdamW needs none. */
  readonly optimizer: "adamw" | "muon";
  /** Preferred bytes of one parameter buffer, limited by the adapter's bindings. */
  readonly pageBytes: number;
  /** Rows of the vocabulary per chunk of logits. */
  readonly chunkRows: number;
  /** Workers that compute, each with weights, gradients and work space of its own; slots and cached prompts are shared out. */
  readonly workers: number;
}

/** For self-play with a small model: 256 samples at a time, micro-batches of 2,048 tokens. */
export const DEFAULT_PLAN: Plan = {
  slots: 256,
  capacity: 112,
  promptRows: 16384,
  prefillRows: 1024,
  chunk: 8,
  trainingRows: 2048,
  activations: "kept",
  reference: false,
  optimizer: "adamw",
  pageBytes: 2 ** 28,
  chunkRows: DEFAULT_LIMITS.chunkRows,
  workers: 1,
};

/** Tokens of a context that are kept for the prompt, and most new tokens a sample is planned for. */
const [PROMPT_ROOM, MOST_NEW] = [112, 144];

/** The default plan of a model: a longer context, as its config.json states it, leaves room for longer answers. */
export function defaultPlan({ contextLength }: Pick<ModelConfig, "contextLength">): Plan {
  const capacity = Math.min(MOST_NEW, Math.max(DEFAULT_PLAN.capacity, contextLength - PROMPT_ROOM));
  return { ...DEFAULT_PLAN, capacity };
}

/** The same for the CPU engine: more slots per worker gain under a tenth, and each worker has activations of its own. */
export function cpuPlan(config: Pick<ModelConfig, "contextLength">, workers: number): Plan {
  return { ...defaultPlan(config), slots: 64 * workers, promptRows: 4096 * workers, trainingRows: 1280, workers };
}

/** The part of one worker. Prompts that fitted still do. */
export function partOf(plan: Plan): Plan {
  const { slots, promptRows, prefillRows, workers } = plan;
  const rows = Math.max(Math.ceil(promptRows / workers), Math.min(promptRows, prefillRows));
  return { ...plan, slots: Math.ceil(slots / workers), promptRows: rows };
}

/** Layout of the parameters under a plan, for buffers of at most `mostBytes` and matrices in `precision`. */
export function layoutOf(
  config: ModelConfig,
  { pageBytes, chunkRows }: Plan,
  mostBytes: number,
  precision?: Precision,
): ParameterLayout {
  const mostFloats = Math.floor(mostBytes / 4);
  const pageFloats = Math.min(mostFloats, Math.floor(pageBytes / 4));
  return parameterLayout(config, { pageFloats, mostFloats, chunkRows }, precision);
}

/**
 * Reduces the plan to the adapter's limits. Passes: tokens whose widest activations fit a binding, and whose residual stream and
 * MLP fit one dispatch with a lane per vec4. Generation: slots and prompts whose keys and values fit a binding.
 */
export function withinReach(config: ModelConfig, plan: Plan, mostBytes: number): Plan {
  const { hidden, qkv, intermediate, keys } = widths(config);
  const mostFloats = mostBytes / 4;
  const bound = mostFloats / Math.max(qkv, 2 * intermediate);
  const covered = (MOST_LANES * 4) / Math.max(hidden, intermediate);
  const most = Math.max(1, Math.floor(Math.min(bound, covered)));
  const cached = Math.max(1, Math.floor(mostFloats / (2 * keys)));
  const { trainingRows, prefillRows, promptRows, slots, capacity } = plan;
  return {
    ...plan,
    trainingRows: Math.min(trainingRows, most),
    prefillRows: Math.min(prefillRows, most),
    promptRows: Math.min(promptRows, cached),
    slots: Math.min(slots, most, Math.max(1, Math.floor(cached / capacity))),
  };
}

/** With fewer samples at a time, generation would be too slow for training. */
const FEWEST_SLOTS = 16;

/**
 * Plans that need less memory and give the same numbers, more slowly: first, activations are computed again instead of stored;
 * then samples and cached prompts at a time are halved repeatedly; then the same with one worker less. No token depends on the
 * number of samples at a time, no gradient on the number of workers, and every prompt that fitted before still fits.
 */
export function leanerPlans(plan: Plan): readonly Plan[] {
  const smaller = smallerPlans(plan);
  if (plan.workers === 1) return smaller;
  const one = { ...plan, workers: plan.workers - 1 };
  return [...smaller, one, ...leanerPlans(one)];
}

function smallerPlans(plan: Plan): readonly Plan[] {
  const plans: Plan[] = [];
  let last = plan;
  const add = (change: Partial<Plan>): void => {
    last = { ...last, ...change };
    plans.push(last);
  };
  if (plan.activations === "kept") add({ activations: "recomputed" });
  for (;;) {
    const slots = halved(last.slots, FEWEST_SLOTS);
    const promptRows = halved(last.promptRows, last.prefillRows);
    if (slots === last.slots && promptRows === last.promptRows) return plans;
    add({ slots, promptRows });
  }
}

/** Half of a count, but at least `fewest`; a smaller count stays. */
function halved(count: number, fewest: number): number {
  return Math.min(count, Math.max(fewest, Math.floor(count / 2)));
}

/** Sizes of the workspace for scoring and training. */
export function passSizes(layout: ParameterLayout, { trainingRows, activations }: Plan): WorkspaceSizes {
  return { rows: trainingRows, headRows: trainingRows, columns: chunkColumns(layout), activations };
}

/** Whether a copy of the weights is needed: a base that adapters leave frozen is its own reference. */
export function holdsReference({ reference }: Plan, lora: LoraConfig | null): boolean {
  return reference && lora === null;
}

/** Most tokens per pass through the adapters. */
export function adapterRows({ trainingRows, slots, prefillRows }: Plan): number {
  return Math.max(trainingRows, slots, prefillRows);
}
