import type { Aggregation, Drawn, Loss, TrainingSequence } from "../contracts";
import { TERMS } from "../ops/head";

/** A sequence; position t predicts token t+1 if that token has a target. */
export interface PackedSequence {
  readonly tokens: Int32Array;
  /** Position of each token, ascending; absent: 0, 1, 2, … */
  readonly positions?: Uint32Array;
  /** Rows within the sequence that predict a token, ascending. */
  readonly rows: Uint32Array;
  /** [rows, TERMS]: weight, advantage, old and reference log p. */
  readonly terms: Float32Array;
}

/** Weight of one completion token. token-mean: arXiv 2503.14476; sequence-mean: 2402.03300; constant-length: 2503.20783. */
function tokenWeight(
  aggregation: Aggregation,
  length: number,
  sequences: number,
  totalTokens: number,
  constantLength: number,
): number {
  switch (aggregation) {
    case "token-mean":
      return 1 / totalTokens;
    case "sequence-mean":
      return 1 / (sequences * length);
    case "constant-length":
      return 1 / (sequences * constantLength);
    default:
      return aggregation satisfies never;
  }
}

/**
 * Makes completion tokens the targets. Weights are those of the whole set, however it is split into micro-batches later.
 * @param over what means run over, if that is more than these sequences
 */
export function packCompletions(
  sequences: readonly TrainingSequence[],
  loss: Loss,
  over: Drawn = countOf(sequences),
): PackedSequence[] {
  if (loss.kind === "likelihood" && sequences.some(({ weights }) => weights)) return sequences.map(packOwnWeights);
  return sequences.map((s) => packOne(s, weightsIn(loss, s.completion.length, over)));
}

/** Weight of every token of a completion of this length. */
function weightsIn(loss: Loss, length: number, { sequences, tokens }: Drawn): () => number {
  const weight =
    loss.kind === "likelihood"
      ? 1 / tokens
      : tokenWeight(loss.aggregation, length, sequences, tokens, loss.constantLength);
  return () => weight;
}

function packOwnWeights(s: TrainingSequence): PackedSequence {
  const { weights, completion } = s;
  if (weights?.length !== completion.length)
    throw new Error(`likelihood: ${weights?.length ?? "no"} weights for a completion of ${completion.length} tokens`);
  return packOne(s, (t) => weights[t] as number);
}

function packOne(s: TrainingSequence, weight: (token: number) => number): PackedSequence {
  const length = s.completion.length;
  const tokens = new Int32Array(s.prompt.length + length);
  tokens.set(s.prompt);
  tokens.set(s.completion, s.prompt.length);
  const rows = Uint32Array.from({ length }, (_, t) => s.prompt.length - 1 + t);
  const terms = new Float32Array(length * TERMS);
  for (let t = 0; t < length; t++) {
    const old = s.oldLogprobs[t] ?? 0;
    terms.set([weight(t), s.advantage, old, s.referenceLogprobs?.[t] ?? old], t * TERMS);
  }
  return { tokens, rows, terms };
}

function countOf(sequences: readonly TrainingSequence[]): Drawn {
  const tokens = sequences.reduce((sum, { completion }) => sum + completion.length, 0);
  return { sequences: sequences.length, tokens };
}

/** Any weights per token: weights[t] multiplies −log p(tokens[t]). Position 0 and tokens of weight 0 are not predicted. */
export function packWeighted(
  sequences: readonly { tokens: Int32Array; weights: Float32Array; positions?: Uint32Array }[],
): PackedSequence[] {
  return sequences.map(({ tokens, weights, positions }) => {
    const rows: number[] = [];
    for (let t = 1; t < tokens.length; t++) if (weights[t] !== 0) rows.push(t - 1);
    const terms = new Float32Array(rows.length * TERMS);
    rows.forEach((row, i) => {
      terms[i * TERMS] = weights[row + 1] as number;
    });
    return { tokens, rows: Uint32Array.from(rows), terms, ...(positions && { positions }) };
  });
}

/** Splits into consecutive groups of at most `maxRows` tokens. @throws if a single sequence is longer */
export function microBatches<S extends { readonly tokens: Int32Array }>(
  sequences: readonly S[],
  maxRows: number,
): S[][] {
  const batches: S[][] = [];
  let rows = Number.POSITIVE_INFINITY;
  for (const sequence of sequences) {
    const length = sequence.tokens.length;
    if (length > maxRows) throw new Error(`a sequence of ${length} tokens exceeds the ${maxRows} rows planned for`);
    if (rows + length > maxRows) {
      batches.push([]);
      rows = 0;
    }
    batches[batches.length - 1]?.push(sequence);
    rows += length;
  }
  return batches;
}
