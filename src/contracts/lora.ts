import type { MethodConfig } from "./method";

/** Projections of a layer that adapters can be added to, in the order of their storage. */
export const LORA_TARGETS = ["q", "k", "v", "o", "gate", "up", "down"] as const;
export type LoraTarget = (typeof LORA_TARGETS)[number];

/** Number format of weights on the device. */
export type Precision = "float32" | "float16";

/** Short names for the command line and links. */
const SHORT: Readonly<Record<string, Precision>> = { f32: "float32", f16: "float16" };

/**
 * Low-rank adapters (Hu et al., arXiv 2106.09685 §4.1): a projection becomes W x + (alpha / rank) · B (A x) with
 * A [rank, inputs] and B [outputs, rank]. W is frozen.
 */
export interface LoraConfig {
  readonly rank: number;
  readonly alpha: number;
  readonly targets: readonly LoraTarget[];
  /**
   * Format of W and the other frozen matrices; float32 if absent. Vectors, activations and adapters are always float32.
   */
  readonly base?: Precision;
}

const MOST_RANK = 1024;

/** The syntax on the command line and in links. */
export const LORA_FORM = `RANK[:ALPHA[:TARGETS]], as in 8, 8:16 or 8:16:q,v; targets are ${LORA_TARGETS.join()}`;

/** What is wrong and what is allowed; null if valid. */
export function loraProblem({ rank, alpha, targets, base }: LoraConfig): { wrong: string; hint: string } | null {
  if (!(Number.isInteger(rank) && rank >= 1 && rank <= MOST_RANK))
    return { wrong: `rank ${rank}`, hint: `a whole number from 1 to ${MOST_RANK}` };
  if (!(alpha > 0 && alpha < Number.POSITIVE_INFINITY)) return { wrong: `alpha ${alpha}`, hint: "a number above 0" };
  const stray = targets.some((name, i) => !LORA_TARGETS.includes(name) || targets.indexOf(name) !== i);
  if (stray || targets.length === 0)
    return { wrong: `targets ${targets.join()}`, hint: `some of ${LORA_TARGETS.join()}, each once` };
  if (base !== undefined && !Object.values(SHORT).includes(base))
    return { wrong: `base ${base}`, hint: `${Object.keys(SHORT).join(" or ")}, the precision of the frozen weights` };
  return null;
}

/**
 * Parses `RANK[:ALPHA[:TARGETS]]`. Defaults: alpha is twice the rank, all projections. Text in another form becomes a
 * configuration for which `loraProblem` reports an error.
 */
export function readLora(text: string): LoraConfig {
  const [rank = "", alpha, ...targets] = text.split(":");
  const named = targets.join(":").split(",") as LoraTarget[];
  const place = (target: LoraTarget): number => LORA_TARGETS.indexOf(target);
  return {
    rank: numberOf(rank),
    alpha: alpha === undefined ? 2 * numberOf(rank) : numberOf(alpha),
    targets: targets.length === 0 ? LORA_TARGETS : named.sort((a, b) => place(a) - place(b)),
  };
}

/** The same adapters over frozen weights in format `text` (f32 or f16); for any other text `loraProblem` reports an error. */
export function overBase({ base: _, ...lora }: LoraConfig, text: string): LoraConfig {
  const base = Object.hasOwn(SHORT, text) ? SHORT[text] : (text as Precision);
  return base === "float32" ? lora : { ...lora, base };
}

/** The text that `overBase` parses; null for float32, the default. */
export function formatBase({ base }: LoraConfig): string | null {
  const [short = base] = Object.entries(SHORT).find(([, precision]) => precision === base) ?? [];
  return base === undefined || base === "float32" ? null : (short as string);
}

/** The shortest text that `readLora` parses to these adapters. */
export function formatLora({ rank, alpha, targets }: LoraConfig): string {
  if (targets.length !== LORA_TARGETS.length) return `${rank}:${alpha}:${targets.join()}`;
  return alpha === 2 * rank ? `${rank}` : `${rank}:${alpha}`;
}

/** Factor on the learning rate for adapters. At the rate of full training they learn nothing in 60 steps, see docs/log.md. */
const RATE = 10;

/** A method's settings, changed for training adapters only. */
export function adapterSettings(settings: MethodConfig): MethodConfig {
  const { learningRate } = settings;
  // Rounded to twelve digits, so that ten times a decimal fraction prints as one.
  return typeof learningRate === "number" ? { learningRate: Number((RATE * learningRate).toPrecision(12)) } : {};
}

/** Describes the adapters for people. */
export function describeLora({ rank, alpha, targets, base }: LoraConfig): string {
  const frozen = base === "float16" ? ", over weights in half precision" : "";
  return `LoRA of rank ${rank}, alpha ${alpha}, on ${targets.join()}${frozen}`;
}

function numberOf(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}
