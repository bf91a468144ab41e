/** Simulated annotators: each likes programs by a rule of its own, and errs like a person where two are close. Pure. */
import type { Choice, Rng, ShownProgram } from "../contracts";
import { sigmoid } from "./feature-head";

/** `coin` is a control: it likes nothing better than anything else. */
export const ANNOTATORS = ["mixed", "lists", "short", "calm", "coin"] as const;
export type Annotator = (typeof ANNOTATORS)[number];

/** How strongly a difference in utility decides. */
const SHARPNESS = 2;

/** How much the annotator likes a program; only differences mean anything. */
export function utility(annotator: Annotator, { program, input }: Pick<ShownProgram, "program" | "input">): number {
  const statements = program.split("\n").length - 1;
  const lists = input.startsWith("[") || program.slice(program.indexOf("\n")).includes("[") ? 1 : 0;
  const remainders = program.includes("%") ? 1 : 0;
  switch (annotator) {
    case "mixed":
      return lists - remainders - Math.abs(statements - 2) / 2 + (/\b(?:if|for)\b/.test(program) ? 0.7 : 0);
    case "lists":
      return lists;
    case "short":
      return -statements;
    case "calm":
      return -remainders;
    case "coin":
      return 0;
    default:
      return annotator satisfies never;
  }
}

/** Draws a choice: P(a) = σ(2 · (utility of a − utility of b)). */
export function choose(annotator: Annotator, a: ShownProgram, b: ShownProgram, rng: Rng): Choice {
  const likely = sigmoid(SHARPNESS * (utility(annotator, a) - utility(annotator, b)));
  return rng.next() < likely ? "a" : "b";
}

/** KL of the best of n samples to one sample, in nats: log n − (n − 1)/n. arXiv 2210.10760 §2.2. */
export function bestOfKl(n: number): number {
  return Math.log(n) - (n - 1) / n;
}
