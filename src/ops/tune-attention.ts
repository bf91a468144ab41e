import { type Device, type View, view } from "../device/device";
import type { Stopwatch } from "../device/stopwatch";
import { attentionOps } from "./attention";
import {
  type AttentionKernels,
  attentionBy,
  attentionVariantsOf,
  parseAttentionKernels,
  sameAttention,
  usualAttention,
} from "./attention-variants";
import { gateAttention } from "./gate-attention";
import { type HeadShape, headVectors } from "./heads";
import { fastest, shortest } from "./trial";
import { keptOrTuned, type TuningStore, tuningKey, worthMeasuring } from "./tuning";

/** No measurement starts after this time. */
const BUDGET_MS = 600;
/** Sequence length, typical of training and prompts. */
const LENGTH = 128;
/** Pairs of query and key over all heads: some milliseconds on either kind of adapter. */
const SOFTWARE_PAIRS = 2.5e5;
const HARDWARE_PAIRS = 1.6e7;
const MOST_SEQUENCES = 64;

const WAYS = ["forward", "backward"] as const;
type Way = (typeof WAYS)[number];

/**
 * The fastest attention for a model's heads, measured on this device after the numerics check, separately for forward and
 * backward. A variant not measured in time is not chosen.
 */
async function tuneAttention(device: Device, shape: HeadShape): Promise<AttentionKernels> {
  const deadline = performance.now() + BUDGET_MS;
  const bench = new Bench(device, shape);
  try {
    return await fastest({
      ways: WAYS,
      usual: usualAttention(device).forward,
      candidates: worthMeasuring(device, attentionVariantsOf(device)),
      deadline,
      gate: (variant) => gateAttention(device, attentionBy(variant), shape),
      time: (variant, way, limit) => bench.best(attentionBy(variant), way, limit),
    });
  } finally {
    bench.destroy();
  }
}

/** Packed sequences of one layer, for timing attention. */
class Bench {
  private readonly watch: Stopwatch;
  private readonly rows: number;
  private readonly tensors: Readonly<Record<"qkv" | "start" | "end" | "out" | "lse" | "dout" | "dqkv" | "delta", View>>;

  constructor(
    private readonly device: Device,
    private readonly shape: HeadShape,
  ) {
    this.watch = device.stopwatch();
    const { queryHeads, keyHeads } = shape;
    const pairs = (device.traits.software ? SOFTWARE_PAIRS : HARDWARE_PAIRS) / queryHeads;
    const sequences = Math.min(MOST_SEQUENCES, Math.max(1, Math.round(pairs / ((LENGTH * LENGTH) / 2))));
    this.rows = sequences * LENGTH;
    const width = headVectors(shape) * 4;
    const plan = (name: string, floats: number): View => view(device.storage(`tuning ${name}`, floats));
    const bounds = (offset: 0 | 1): View => {
      const buffer = device.storage("tuning bounds", this.rows);
      const row = (_: unknown, n: number): number => (Math.floor(n / LENGTH) + offset) * LENGTH;
      device.write(buffer, Uint32Array.from({ length: this.rows }, row));
      return view(buffer);
    };
    const ofQueries = this.rows * queryHeads;
    const ofAll = ofQueries + 2 * this.rows * keyHeads;
    this.tensors = {
      qkv: plan("qkv", ofAll * width),
      dqkv: plan("dqkv", ofAll * width),
      start: bounds(0),
      end: bounds(1),
      out: plan("out", ofQueries * width),
      dout: plan("dout", ofQueries * width),
      lse: plan("lse", ofQueries),
      delta: plan("delta", ofQueries),
    };
  }

  /** Shortest of several timings; one timing if it is far above `limit`. */
  async best(kernels: AttentionKernels, way: Way, limit: number): Promise<number> {
    const { rows, tensors } = this;
    const attention = attentionOps(this.device, this.shape, kernels);
    await this.device.ready();
    return shortest(this.watch, limit, () => {
      if (way === "forward") attention.forward(rows, tensors.qkv, tensors.start, tensors.out, tensors.lse);
      else attention.backward(rows, tensors);
    });
  }

  destroy(): void {
    this.watch.destroy();
    for (const { buffer } of Object.values(this.tensors)) this.device.destroyBuffer(buffer);
  }
}

/** A stored choice that still passes the check, or a new one, which is then stored. */
export async function tunedAttention(
  device: Device,
  adapter: string,
  shape: HeadShape,
  store: TuningStore,
): Promise<AttentionKernels> {
  const key = tuningKey(device, adapter, `attention ${shape.queryHeads}:${shape.keyHeads} × ${shape.headDim}`);
  return keptOrTuned(store, key, {
    parse: parseAttentionKernels,
    gate: (kernels) => gateAttention(device, kernels, shape),
    isSame: sameAttention,
    tune: () => tuneAttention(device, shape),
  });
}
