/** Laws on how programs are written, in words: what settings, measures and the page call them. */
export interface LawWords {
  /** In settings: `%`, `if`, `2`. */
  readonly name: string;
  /** In measures: letters alone. */
  readonly measure: string;
  /** For people. */
  readonly sentence: string;
}

/** All that a model of ours has learned to read. */
export const LAW_WORDS = [
  { name: "%", measure: "modulo", sentence: "A program does not use %, the remainder." },
  { name: "//", measure: "division", sentence: "A program does not use //, division without rest." },
  { name: "*", measure: "times", sentence: "A program does not use *, multiplication." },
  { name: "if", measure: "branches", sentence: "A program has no branch and no loop." },
  { name: "1", measure: "one", sentence: "A program has at most 1 statement." },
  { name: "2", measure: "two", sentence: "A program has at most 2 statements." },
  { name: "3", measure: "three", sentence: "A program has at most 3 statements." },
  { name: "[", measure: "lists", sentence: "A program makes or reads a list by brackets." },
] as const satisfies readonly LawWords[];

/** Share of valid proposals of a step that break a law, as a step's metrics call it. */
export const breaksMetric = ({ measure }: Pick<LawWords, "measure">): string => `laws/breaks/${measure}`;
