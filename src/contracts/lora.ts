/** Projections of a layer that an adapter may be added to, in the order in which they lie in a layer. */
export const LORA_TARGETS = ["q", "k", "v", "o", "gate", "up", "down"] as const;
export type LoraTarget = (typeof LORA_TARGETS)[number];

/**
 * Low-rank adapters (Hu et al., arXiv 2106.09685 §4.1): a projection becomes W x + (alpha / rank) · B (A x) with
 * A [rank, inputs] and B [outputs, rank]. W is frozen.
 */
export interface LoraConfig {
  readonly rank: number;
  readonly alpha: number;
  readonly targets: readonly LoraTarget[];
}
