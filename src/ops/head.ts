import code from "../../shaders/head.wgsl?raw";
import type { KlEstimator, Loss } from "../contracts";
import { type Device, foldedGroupsFor, groupsFor, type View } from "../device/device";

/** Floats per row of `stats`: log p, entropy, weighted loss, k3 (−1−k3 if the ratio was clipped). */
export const STATS = 4;
/** Floats per row of `terms`: weight, advantage, old log p, reference log p. */
export const TERMS = 4;
/** Floats of a running distribution, and of a row of `slopes`. */
export const RUNNING = 4;
export const SLOPES = 4;

/** Columns per lane. Rows of small vocabularies are shared by fewer lanes; at most 64. */
const COLUMNS_PER_LANE = 256;
const MOST_SLICES = 64;

/** Lanes per row, for chunks of at most `columns`. */
export function slicesFor(columns: number): number {
  return Math.min(MOST_SLICES, Math.ceil(columns / COLUMNS_PER_LANE));
}

/** Logits [rows, stride4·4] of the vocabulary's columns `first` … `first + columns`; the stride is padded. */
export interface LogitChunk {
  readonly rows: number;
  readonly first: number;
  readonly columns: number;
  readonly stride4: number;
}

/**
 * The loss of tokens over a vocabulary in chunks. Call `observe` for every chunk, then `losses`, then `gradient` for every chunk.
 */
export interface Head {
  /** Adds a chunk to running [rows, slices]; `fresh` clears it first. */
  observe(
    chunk: LogitChunk,
    at: { slices: number; fresh: boolean; temperature: number },
    logits: View,
    targets: View,
    running: View,
  ): void;
  /** stats [rows] at this temperature, from what was observed. */
  logprobs(rows: number, slices: number, temperature: number, running: View, stats: View): void;
  /** stats and slopes [rows] at the loss's temperature, from what was observed. */
  losses(rows: number, slices: number, loss: Loss, running: View, terms: View, stats: View, slopes: View): void;
  /** Replaces a chunk's logits by dLoss/dlogits. */
  gradient(chunk: LogitChunk, loss: Loss, logits: View, targets: View, terms: View, slopes: View): void;
}

/** The temperature of a loss's softmax. */
export function temperatureOf(loss: Loss): number {
  return loss.kind === "likelihood" ? 1 : loss.temperature;
}

/** `kind` of the uniform struct: a policy loss by its estimate of the KL. */
const POLICY: Readonly<Record<KlEstimator, number>> = { k3: 1, k2: 2, k1: 3 };

const UNIFORMS = {
  rows: "u32",
  columns: "u32",
  stride4: "u32",
  first: "u32",
  slices: "u32",
  fresh: "u32",
  width: "u32",
  kind: "u32",
  temperature: "f32",
  clipLow: "f32",
  clipHigh: "f32",
  kl: "f32",
  entropy: "f32",
} as const;

/** Values of the uniforms that an entry point does not read. */
const UNUSED = { columns: 0, stride4: 0, first: 0, slices: 0, fresh: 0, width: 0 };
/** Those of a likelihood, and of entry points that read the temperature alone. */
const NO_POLICY = { kind: 0, clipLow: 0, clipHigh: 0, kl: 0, entropy: 0 };

/** The uniforms that say what is minimised. */
function lossUniforms(loss: Loss) {
  if (loss.kind === "likelihood") return { ...NO_POLICY, temperature: temperatureOf(loss) };
  const { klEstimator = "k3", temperature, clipLow, clipHigh, klCoefficient, entropyCoefficient } = loss;
  return { kind: POLICY[klEstimator], temperature, clipLow, clipHigh, kl: klCoefficient, entropy: entropyCoefficient };
}

export function headOps(device: Device): Head {
  const kernel = (entry: string, bindings: Record<number, "read" | "write">) =>
    device.kernel({ name: `head.${entry}`, code, entry, uniforms: UNIFORMS, bindings });
  const observe = kernel("observe", { 1: "read", 2: "read", 3: "write" });
  const logprobs = kernel("logprobs", { 4: "read", 5: "write" });
  const losses = kernel("losses", { 4: "read", 5: "write", 6: "read", 7: "write" });
  const gradient = kernel("gradient", { 2: "read", 6: "read", 8: "write", 9: "read" });
  return {
    observe({ rows, first, columns, stride4 }, { slices, fresh, temperature }, logits, targets, running) {
      const chunk = { rows, columns, stride4, first, slices, fresh: fresh ? 1 : 0 };
      const values = { ...UNUSED, ...NO_POLICY, ...chunk, temperature };
      device.dispatch(observe, values, [logits, targets, running], groupsFor(rows * slices), rows * columns * 20);
    },
    logprobs(rows, slices, temperature, running, stats) {
      const values = { ...UNUSED, ...NO_POLICY, rows, slices, temperature };
      device.dispatch(logprobs, values, [running, stats], groupsFor(rows), rows * slices * 20);
    },
    losses(rows, slices, loss, running, terms, stats, slopes) {
      const values = { ...UNUSED, ...lossUniforms(loss), rows, slices };
      device.dispatch(losses, values, [running, stats, terms, slopes], groupsFor(rows), rows * slices * 20);
    },
    gradient({ rows, first, columns, stride4 }, loss, logits, targets, terms, slopes) {
      const groups = foldedGroupsFor(rows * stride4);
      const values = { ...UNUSED, ...lossUniforms(loss), rows, columns, stride4, first, width: groups[0] * 64 };
      device.dispatch(gradient, values, [targets, terms, logits, slopes], groups, rows * columns * 20);
    },
  };
}
