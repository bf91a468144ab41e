import { lineAdvantages, lineLesson } from "../advantage/lines";
import { type Group, kindOf, type Lesson, SOLVER, type Step } from "../contracts";
import { taskOf } from "../tasks/prompts";
import { workedTexts } from "../tasks/worked";

const DEDUCING = kindOf(SOLVER, "deduction");

/** Worked deductions are credited line by line; proposals and all other answers as a whole. */
export async function lessonByLine(
  { policy, verifier }: Pick<Step, "policy" | "verifier">,
  credited: readonly Group[],
  rate: number,
): Promise<Lesson> {
  const { tokenizer } = policy;
  const [deductions, others] = [true, false].map((wanted) =>
    credited.filter(({ prompt }) => (prompt.kind === DEDUCING) === wanted),
  ) as [Group[], Group[]];
  const answers = deductions.flatMap(({ prompt, samples }) =>
    samples.map((sample) => ({ task: taskOf(prompt), sample })),
  );
  const worked = await workedTexts(
    verifier,
    answers.map(({ task }) => task),
  );
  const spell = (token: number): string => tokenizer.decode([token]);
  const end = spell(tokenizer.endToken);
  const own = lineAdvantages(
    answers.map(({ sample }) => sample),
    worked,
    spell,
    end,
  );
  const wholes = others.map(({ samples }) =>
    samples.map(({ tokens, advantage }) => new Float32Array(tokens.length).fill(advantage)),
  );
  const lines = deductions.map(({ samples }) => samples.map(() => own.shift() ?? new Float32Array()));
  return lineLesson([...deductions, ...others], [...lines, ...wholes], rate);
}
