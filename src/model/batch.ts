import type { PackedSequence } from "../loss/pack";
import { tokenRuns } from "../ops/embedding";
import { TERMS } from "../ops/head";

/** A micro-batch for the device: sequences one after another without padding. */
export interface Batch {
  /** Tokens in all sequences. */
  readonly rows: number;
  /** Tokens in the longest sequence. */
  readonly longest: number;
  readonly tokens: Uint32Array<ArrayBuffer>;
  readonly positions: Uint32Array<ArrayBuffer>;
  /** For each row: the first row of its sequence, and the row after its last. */
  readonly start: Uint32Array<ArrayBuffer>;
  readonly end: Uint32Array<ArrayBuffer>;
  readonly order: Uint32Array<ArrayBuffer>;
  readonly runs: Uint32Array<ArrayBuffer>;
  /** Rows that predict a token, their targets and loss terms. */
  readonly headRows: Uint32Array<ArrayBuffer>;
  readonly targets: Uint32Array<ArrayBuffer>;
  readonly terms: Float32Array<ArrayBuffer>;
}

/** Concatenates sequences. */
export function makeBatch(sequences: readonly PackedSequence[], vocabulary: number): Batch {
  const rows = sequences.reduce((sum, s) => sum + s.tokens.length, 0);
  const longest = sequences.reduce((most, s) => Math.max(most, s.tokens.length), 0);
  const heads = sequences.reduce((sum, s) => sum + s.rows.length, 0);
  const tokens = new Uint32Array(rows);
  const positions = new Uint32Array(rows);
  const start = new Uint32Array(rows);
  const end = new Uint32Array(rows);
  const headRows = new Uint32Array(heads);
  const targets = new Uint32Array(heads);
  const terms = new Float32Array(heads * TERMS);
  let at = 0;
  let head = 0;
  for (const s of sequences) {
    const length = s.tokens.length;
    for (let t = 0; t < length; t++) {
      tokens[at + t] = s.tokens[t] as number;
      positions[at + t] = s.positions?.[t] ?? t;
    }
    start.fill(at, at, at + length);
    end.fill(at + length, at, at + length);
    terms.set(s.terms, head * TERMS);
    for (const row of s.rows) {
      headRows[head] = at + row;
      targets[head++] = s.tokens[row + 1] ?? 0;
    }
    at += length;
  }
  return { rows, longest, tokens, positions, start, end, ...tokenRuns(tokens, vocabulary), headRows, targets, terms };
}
