import type { LoraConfig, Precision } from "../contracts";
import { MOST_LANES } from "../gpu/gpu";
import type { GenerationPlan } from "./caches";
import { type ModelConfig, widths } from "./config";
import { DEFAULT_LIMITS, type ParameterLayout, parameterLayout } from "./parameters";
import { chunkColumns } from "./vocabulary-head";
import type { Activations, WorkspaceSizes } from "./workspace";

/** Sizes of a model on the device, planned before anything is allocated. */
export interface Plan extends GenerationPlan {
  /** Tokens per training micro-batch, and per pass that scores. */
  readonly trainingRows: number;
  /**
   * Whether layers keep their activations for the backward pass, or it computes them again from the layers' inputs. With
   * "inference" there is no room to learn at all: no gradients and no moments.
   */
  readonly activations: Activations;
  /** Whether there is room for a frozen copy of weights that are trained, as a loss with a KL penalty needs. */
  readonly reference: boolean;
  /** What the optimizer has work space for: AdamW needs none. */
  readonly optimizer: "adamw" | "muon";
  /** Bytes of one buffer of parameters, where the adapter binds as many. */
  readonly pageBytes: number;
  /** Rows of the vocabulary whose logits exist at a time. */
  readonly chunkRows: number;
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
};

/** How the parameters lie under a plan, where one buffer holds at most `mostBytes`; matrices are held in `precision`. */
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
 * The plan with passes of at most as many tokens as the device takes at once, whose widest activations it binds, and for whose
 * residual stream and MLP one dispatch has a lane a vec4; and with as many slots and prompts as it binds the keys and values of.
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

/** Samples at a time below which generation would be too slow to train by. */
const FEWEST_SLOTS = 16;

/**
 * What takes less memory than a plan and gives the same numbers, more slowly: first activations that are computed again
 * instead of kept, then half as many samples and cached prompts at a time, and half of that, as far as it makes sense. No
 * token depends on how many are written side by side, and every prompt that found room before still does.
 */
export function leanerPlans(plan: Plan): readonly Plan[] {
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

/** Half of a count, but no less than `fewest`, unless it was less. */
function halved(count: number, fewest: number): number {
  return Math.min(count, Math.max(fewest, Math.floor(count / 2)));
}

/** The workspace of passes that score and learn. */
export function passSizes(layout: ParameterLayout, { trainingRows, activations }: Plan): WorkspaceSizes {
  return { rows: trainingRows, headRows: trainingRows, columns: chunkColumns(layout), activations };
}

/** Whether a copy of the weights stands beside them: a base that adapters leave frozen is its own reference. */
export function holdsReference({ reference }: Plan, lora: LoraConfig | null): boolean {
  return reference && lora === null;
}

/** Tokens that adapters see at a time, in any pass. */
export function adapterRows({ trainingRows, slots, prefillRows }: Plan): number {
  return Math.max(trainingRows, slots, prefillRows);
}
