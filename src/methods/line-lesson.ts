/** Lessons whose worked deductions are credited line by line. */
import { lineAdvantages } from "../advantage/lines";
import type { Group, Lesson, Step } from "../contracts";
import { taskOf } from "../tasks/prompts";
import { workedTexts } from "../tasks/worked";
import { sequencesOf } from "./lesson";

/**
 * One update by lines.
 * @param sets worked deductions; the lines of a set's answers are compared with each other
 * @param wholes groups whose answers count as a whole
 */
export async function lessonByLine(
  { policy, verifier }: Pick<Step, "policy" | "verifier">,
  sets: readonly (readonly Group[])[],
  wholes: readonly Group[],
  learningRate: number,
): Promise<Lesson> {
  const groups = sets.flat();
  const tasks = groups.map(({ prompt }) => taskOf(prompt));
  const texts = await workedTexts(verifier, tasks);
  const worked = new Map(groups.map((group, place) => [group, texts[place] ?? null]));
  const spell = (token: number): string => policy.tokenizer.decode([token]);
  const end = spell(policy.tokenizer.endToken);
  const lines = sets.flatMap((set) => {
    const samples = set.flatMap((group) => group.samples);
    const right = set.flatMap((group) => group.samples.map(() => worked.get(group) ?? null));
    return lineAdvantages(samples, right, spell, end);
  });
  const uniform = wholes.flatMap(({ samples }) =>
    samples.map(({ tokens, advantage }) => new Float32Array(tokens.length).fill(advantage)),
  );
  return lineLesson([...groups, ...wholes], [...lines, ...uniform], learningRate);
}

/**
 * One update from advantages per token. With one update per rollout a policy gradient's ratios are 1, and its gradient is that of a
 * likelihood whose weights are the advantages over the number of tokens that have one.
 * @param advantages of every sample, in order
 */
export function lineLesson(
  groups: readonly Group[],
  advantages: readonly Float32Array[],
  learningRate: number,
): Lesson {
  const drawn = groups.flatMap(sequencesOf).map((one, place) => ({ ...one, own: advantages[place] as Float32Array }));
  const credited = drawn.filter(({ own }) => own.some((advantage) => advantage !== 0));
  const tokens = credited.reduce((sum, { own }) => sum + own.filter((advantage) => advantage !== 0).length, 0);
  const sequences = credited.map(({ own, ...one }) => ({
    ...one,
    weights: own.map((advantage) => advantage / tokens),
  }));
  return { loss: { kind: "likelihood" }, sequences, learningRate };
}
