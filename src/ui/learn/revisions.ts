/** Critiques and the revisions that answer them, as Learn shows them side by side. Pure. */
import type { StepState } from "../../telemetry/state";

/** A program, what the model found in it under one law, and what it wrote instead. */
export interface Revision {
  readonly law: string;
  readonly program: string;
  /** The line that breaks the law, as the model says; "" if it was not asked. */
  readonly critique: string;
  readonly revised: string;
  /** Whether the revision can become a task; null before the verdict. */
  readonly valid: boolean | null;
}

/** Every revision of a step. */
export function revisionsIn({ samples }: Pick<StepState, "samples">): Revision[] {
  return [...samples.values()].flatMap(({ prompt, sample, verdict }) => {
    const parts = /^<fix><law>(.*?)<try>([\s\S]*)<check>([\s\S]*)<new>$/.exec(prompt.text);
    if (!parts) return [];
    const [, law = "", program = "", critique = ""] = parts;
    const [revised = ""] = sample.text.split("<in>");
    return [{ law: law.trim(), program, critique, revised, valid: verdict ? verdict.verdict === "VALID" : null }];
  });
}

/** Whether a line of a program is the one that the critique names. */
export function isNamed(line: string, { critique }: Pick<Revision, "critique">): boolean {
  return critique !== "" && line.trim() === critique.trim();
}

/** Where no run has one: a critique of the right line. */
export const EXAMPLE_REVISION: Revision = {
  law: "//",
  program: "def f(x):\n x=x[-1]\n x=max(x,4)\n x=x-7\n return x//2",
  critique: "return x//2",
  revised: "def f(x):\n x=x[-1]\n x=max(x,4)\n x=x-7\n return x*2",
  valid: true,
};
