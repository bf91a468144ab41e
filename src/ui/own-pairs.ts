/** The visitor's own worked examples, stored on this device. */
import * as v from "valibot";
import type { PairRow } from "../contracts";
import { OwnList } from "./own-list";

/** As many as one run learns from. */
export const MOST_OWN_PAIRS = 2000;

/** Of a program, an input, an output or an answer. */
const LONGEST = 2000;

const text = v.pipe(v.string(), v.maxLength(LONGEST));
const StoredPair = v.object({
  type: v.picklist(["deduction", "abduction"]),
  program: v.pipe(text, v.minLength(1)),
  input: text,
  output: text,
  answer: v.exactOptional(text),
});

export class OwnPairs extends OwnList<PairRow> {
  /** @param storage null if the browser blocks it */
  constructor(storage: Pick<Storage, "getItem" | "setItem"> | null) {
    super({ key: "own-pairs", items: "pairs", item: StoredPair, most: MOST_OWN_PAIRS }, storage);
  }

  get pairs(): readonly PairRow[] {
    return this.items;
  }

  /** Adds pairs at the end; a pair that is there already is left out, and so is what the list could not be read back with. */
  add(pairs: readonly PairRow[]): void {
    const fitting = pairs.filter((pair) => v.is(StoredPair, pair));
    this.change((old) => distinct([...old, ...fitting]).slice(0, MOST_OWN_PAIRS));
    const left = distinct([...this.items, ...pairs]).length - this.items.length;
    if (left > 0)
      this.trouble = `${left} of these pairs are left out: a run learns from at most ${MOST_OWN_PAIRS}, each of at most ${LONGEST} characters.`;
  }

  /** Puts another pair in the place of this one. */
  replace(pair: PairRow, other: PairRow): void {
    this.change((pairs) => distinct(pairs.map((one) => (isSame(one, pair) ? other : one))));
  }

  remove(pair: PairRow): void {
    this.change((pairs) => pairs.filter((one) => !isSame(one, pair)));
  }

  clear(): void {
    this.change(() => []);
  }
}

/** The pairs as a file that `npm run train -- sft --pairs` reads. */
export function pairsFile(pairs: readonly PairRow[]): Blob {
  return new Blob(
    pairs.map((pair) => `${JSON.stringify(pair)}\n`),
    { type: "application/jsonl" },
  );
}

function distinct(pairs: readonly PairRow[]): PairRow[] {
  const found = new Map(pairs.map((pair) => [keyOf(pair), pair]));
  return [...found.values()];
}

function isSame(a: PairRow, b: PairRow): boolean {
  return keyOf(a) === keyOf(b);
}

function keyOf({ type, program, input, answer = "" }: PairRow): string {
  return JSON.stringify([type, program, input, answer]);
}
