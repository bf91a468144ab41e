/** A choice between two programs, by a person or by somebody who stands in for one. */

/** A program as it is shown: with an input and what it makes of it, as Python literal text. */
export interface ShownProgram {
  readonly program: string;
  readonly input: string;
  readonly output: string;
}

export type Choice = "a" | "b";

/** What was asked, what was chosen, and what the reward model expected before. */
export interface Preference {
  readonly a: ShownProgram;
  readonly b: ShownProgram;
  readonly chosen: Choice;
  /** "you", or the name of a simulated annotator. */
  readonly by: string;
  /** Probability of a; null before the first choice. */
  readonly expected: number | null;
}

/** A pair that a person is asked about, and how far the asking has come. */
export interface PairToJudge extends Pick<Preference, "a" | "b" | "expected"> {
  readonly done: number;
  readonly total: number;
}

/** Asks a person; rejects if the run is to end first. */
export type AskPerson = (pair: PairToJudge) => Promise<Choice>;
