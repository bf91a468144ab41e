import type { TrainingSequence, UpdateMetrics } from "../contracts";
import { STATS } from "../ops/head";

/** One value of every predicted token; index 0 is log p, 1 the entropy. */
export function column(stats: Float32Array, index: number): Float32Array {
  return Float32Array.from({ length: stats.length / STATS }, (_, i) => stats[i * STATS + index] as number);
}

/** Σ of the tokens' weighted losses; the gradient is its derivative. */
export function totalLoss(stats: Float32Array): number {
  let loss = 0;
  for (let i = 2; i < stats.length; i += STATS) loss += stats[i] as number;
  return loss;
}

/** Means over predicted tokens. The loss is the weighted sum whose gradient was computed. */
export function summarize(
  stats: Float32Array,
  sequences: readonly TrainingSequence[],
): Omit<UpdateMetrics, "gradNorm"> {
  const tokens = stats.length / STATS;
  const old = sequences.flatMap((s) => Array.from({ length: s.completion.length }, (_, t) => s.oldLogprobs[t]));
  let entropy = 0;
  let kl = 0;
  let clipped = 0;
  let gap = 0;
  for (let i = 0; i < tokens; i++) {
    const k3 = stats[i * STATS + 3] as number;
    entropy += stats[i * STATS + 1] as number;
    kl += k3 < 0 ? -1 - k3 : k3; // see head.wgsl: a clipped token carries −1 − k3
    clipped += k3 < 0 ? 1 : 0;
    gap += Math.abs((stats[i * STATS] as number) - (old[i] ?? (stats[i * STATS] as number)));
  }
  const n = Math.max(1, tokens);
  const loss = totalLoss(stats);
  return { loss, entropy: entropy / n, klToReference: kl / n, clipFraction: clipped / n, logprobGap: gap / n, tokens };
}
