import { KelvinError, type LoraConfig, largest, type MemoryNeed } from "../contracts";
import { PagedBuffer, type PagedMatrix } from "../device/pages";
import { Tally } from "../device/tally";
import type { Allocator } from "../device/view";
import { slicedFloats } from "../ops/linear";
import { planOptimizer } from "../optimizer/optimizer";
import { type AdapterLayout, adapterLayout, type ProjectionAdapters } from "./adapter-layout";
import { planAdapters } from "./adapters";
import { planCaches, planGeneration } from "./caches";
import type { ModelConfig } from "./config";
import type { ParameterLayout } from "./parameters";
import { adapterRows, holdsReference, layoutOf, leanerPlans, type Plan, partOf, passSizes } from "./plan";
import { planWorkspace } from "./workspace";

/**
 * Device memory of a model in bytes, by purpose. Runs the planning functions with an allocator that only adds up, so the result
 * equals the real allocation.
 * @param mostBytes size of the adapter's largest buffer
 * @param cutsGradients whether weight gradients are summed in slices, in scratch that the first step allocates
 * @throws KelvinError "out-of-memory" that names a buffer which exceeds the adapter's limit
 */
export function memoryNeed(
  config: ModelConfig,
  whole: Plan,
  lora: LoraConfig | null,
  mostBytes: number,
  cutsGradients = false,
): MemoryNeed {
  const plan = partOf(whole);
  const layout = layoutOf(config, plan, mostBytes, lora?.base);
  const adapters = lora && adapterLayout(layout, lora);
  const trained = adapters ?? layout;
  const learns = plan.activations !== "inference";
  const bytes = (use: (allocator: Allocator) => unknown): number => {
    const tally = new Tally(mostBytes);
    use(tally);
    return tally.bytes;
  };
  const weights = bytes((to) => {
    new PagedBuffer(to, "weights", layout.pages);
    if (adapters) new PagedBuffer(to, "adapter weights", adapters.pages);
  });
  const gradients = learns ? bytes((to) => new PagedBuffer(to, "gradients", trained.pages)) : 0;
  const optimizer = learns ? bytes((to) => planOptimizer(to, trained, plan.optimizer)) - gradients : 0;
  const reference = holdsReference(plan, lora)
    ? bytes((to) => new PagedBuffer(to, "reference weights", layout.pages))
    : 0;
  const activations = bytes((to) => planWorkspace(to, config, passSizes(layout, plan)));
  const cache = bytes((to) => planCaches(to, config, plan));
  const generation = bytes((to) => planGeneration(to, config, plan)) - cache;
  const slices = learns && cutsGradients ? 4 * gradientScratch(layout, adapters, plan) : 0;
  const scratch = slices + generation + (adapters ? bytes((to) => planAdapters(to, adapters, adapterRows(plan))) : 0);
  const replica = weights + gradients + reference + activations + cache + scratch;
  const replicas = (whole.workers - 1) * replica;
  const total = replica + optimizer + replicas;
  return { weights, gradients, optimizer, reference, activations, cache, scratch, replicas, total };
}

/** Scratch floats for the slices of the largest weight gradient, in a pass of the planned size. */
export function gradientScratch(
  layout: ParameterLayout,
  adapters: AdapterLayout | null,
  { trainingRows: depth }: Plan,
): number {
  const whole = ({ width, shards }: PagedMatrix) => shards.map(({ rows }) => ({ rows, columns: width, depth }));
  const down = ({ ranks, inputs }: ProjectionAdapters) => ({ rows: ranks, columns: inputs, depth });
  const sizes = adapters
    ? adapters.layers.flatMap((layer) => Object.values(layer).flatMap((one) => (one ? [down(one)] : [])))
    : [
        ...layout.layers.flatMap(({ qkv, output, gateUp, down }) => [qkv, output, gateUp, down].flatMap(whole)),
        ...layout.head.chunks.map(({ rows }) => ({ rows, columns: layout.head.width, depth })),
      ];
  return largest(sizes.map(slicedFloats));
}

/** For example "2.0 GB": powers of ten, as memory is sold. */
export function readableBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  return `${value.toFixed(power > 0 && value < 10 ? 1 : 0)} ${units[power]}`;
}

/** One line: the total, and its parts, largest first. */
export function describeNeed({ total, ...parts }: MemoryNeed): string {
  const shown = Object.entries(parts)
    .filter(([, bytes]) => bytes > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([name, bytes]) => `${name} ${readableBytes(bytes)}`);
  return `${readableBytes(total)} on the device: ${shown.join(", ")}`;
}

/** Bytes available to a model. */
export interface Room {
  /** On the device itself: in the memory of one thread. */
  readonly bytes: number;
  /** There and in the memories of its replicas together. */
  readonly withReplicas: number;
  /** What one thread of the CPU engine can ever have; absent on a GPU. */
  readonly most?: number;
}

/**
 * The plan, or the first leaner one that fits the available memory. Leaner plans give the same numbers, more slowly.
 * @throws KelvinError "out-of-memory" if none fits, with ways to need less
 */
export function fitPlan(
  name: string,
  plan: Plan,
  needOf: (plan: Plan) => MemoryNeed,
  room: Room,
  lora: LoraConfig | null,
): Plan {
  const plans = [plan, ...leanerPlans(plan)];
  const fits = ({ total, replicas }: MemoryNeed) => total - replicas <= room.bytes && total <= room.withReplicas;
  const fitting = plans.find((one) => fits(needOf(one)));
  if (fitting) return fitting;
  const least = needOf(plans.at(-1) as Plan);
  const isBeyond = room.most !== undefined && least.total > room.most;
  const limit = isBeyond
    ? `the CPU engine can have ${readableBytes(room.most)}`
    : `${readableBytes(Math.min(room.bytes, room.withReplicas))} are free`;
  const more = isBeyond ? " A GPU may have more room." : "";
  const message = `${name} needs at least ${describeNeed(least)}; ${limit}`;
  throw new KelvinError("out-of-memory", message, `${remedy(least, lora)}${more}`);
}

/** What the reader of a refusal can do, on the command line or the page. */
function remedy({ weights, gradients, optimizer }: MemoryNeed, lora: LoraConfig | null): string {
  if (!lora && gradients + optimizer > 0)
    return "Train adapters instead of the whole model (LoRA, --lora 8), or choose a smaller model.";
  if (lora && lora.base !== "float16" && weights > gradients + optimizer)
    return "Hold the frozen weights as halves (--base f16), or choose a smaller model.";
  return "Choose a smaller model, or close what else uses memory.";
}
