import code from "../../shaders/head.wgsl?raw";
import type { Loss } from "../contracts";
import { type Gpu, groupsFor, type View } from "../gpu/gpu";

/** Floats per row of `stats`: log p, entropy, weighted loss, k3 (−1−k3 where the ratio was clipped). */
export const STATS = 4;
/** Floats per row of `terms`: weight, advantage, old log p, reference log p. */
export const TERMS = 4;

/** logits [rows, stride4·4] (stride padded), targets [rows]. */
export interface Head {
  logprobs(
    rows: number,
    vocabulary: number,
    stride4: number,
    temperature: number,
    logits: View,
    targets: View,
    stats: View,
  ): void;
  /** Fills stats and overwrites the logits by dLoss/dlogits. */
  losses(
    rows: number,
    vocabulary: number,
    stride4: number,
    loss: Loss,
    logits: View,
    targets: View,
    terms: View,
    stats: View,
  ): void;
}

export function headOps(gpu: Gpu): Head {
  const params = "uuuufffff";
  const logprobs = gpu.kernel({
    name: "head.logprobs",
    code,
    entry: "logprobs",
    params,
    bindings: { 1: "write", 2: "read", 3: "write" },
  });
  const losses = gpu.kernel({
    name: "head.losses",
    code,
    entry: "losses",
    params,
    bindings: { 1: "write", 2: "read", 3: "write", 4: "read" },
  });
  return {
    logprobs(rows, vocabulary, stride4, temperature, logits, targets, stats) {
      gpu.dispatch(
        logprobs,
        [rows, vocabulary, stride4, 0, temperature, 0, 0, 0, 0],
        [logits, targets, stats],
        groupsFor(rows),
        rows * vocabulary * 20,
      );
    },
    losses(rows, vocabulary, stride4, loss, logits, targets, terms, stats) {
      const numbers =
        loss.kind === "cross-entropy"
          ? [0, 1, 0, 0, 0, 0]
          : [1, loss.temperature, loss.clipLow, loss.clipHigh, loss.klCoefficient, loss.entropyCoefficient];
      gpu.dispatch(
        losses,
        [rows, vocabulary, stride4, ...numbers],
        [logits, targets, stats, terms],
        groupsFor(rows),
        rows * vocabulary * 40,
      );
    },
  };
}
