/** In the loop: a solver whose only reward is what a frozen judge says. The verifier watches, and nothing learns from it. */
import { credited } from "../advantage/family";
import type { Group, Lesson, Policy, Sample, Stage, Task } from "../contracts";
import { phase } from "../rollout/phase";
import { drawWithout } from "../rollout/rng";
import { type Draw, rollout } from "../rollout/rollout";
import { readBuffer } from "../tasks/buffer";
import { parseAnswer, solverText } from "../tasks/formats";
import { Judging } from "../tasks/judge";
import {
  fitsJudging,
  HIGHEST_SCORE,
  judgementStart,
  judgePrompt,
  type QueryKind,
  RIGHT_FROM,
  type TriedQuery,
} from "../tasks/judgements";
import { taskOf } from "../tasks/prompts";
import { mean } from "./collapse";
import { scoresIn } from "./grm-judging";
import type { GrmStep } from "./grm-run";
import { policyGradient, policyLesson } from "./lesson";
import { answerDraws } from "./practice";

/** One step: answers, their judgements, rewards, and the verdicts that only the gap is made of. */
export async function* solved(step: GrmStep): Stage<readonly Lesson[]> {
  const { config, policy, rng, index } = step;
  const judging = new Judging(step.verifier);
  const draws = answerDraws(policy, `${index}/try`, solverTasks(step), { samples: config.samples });
  const groups = yield* phase("try", rollout(policy, draws, { temperature: 1, rng, ahead: judging }));
  const scores = yield* phase("judge", judged(step, groups));
  yield* phase("compare", rewarded(groups, scores, judging));
  yield* phase("advantage", credited(groups, "group"));
  const loss = policyGradient({ aggregation: "sequence-mean", klCoefficient: config.klCoefficient });
  return [policyLesson(groups, loss, config.learningRate, "drawn")];
}

/** The policy's own tasks that have answers to check line by line, without the identity. */
function solverTasks({ memory, rng, config }: GrmStep): Task[] {
  const tasks = (["deduction", "abduction"] as const).flatMap((type) => readBuffer(memory, type).slice(1));
  return drawWithout(rng.child("tasks"), tasks, config.tasks);
}

/** The judge: the policy as it began. */
function judgeOf({ reference }: GrmStep): Policy {
  if (!reference) throw new Error("grm: there is no frozen judge");
  return reference;
}

/** The mean score of every answer, by sample; an answer that cannot be read, or that the judge has no room for, scores 0. */
async function* judged(step: GrmStep, groups: readonly Group[]): Stage<ReadonlyMap<Sample, number>> {
  const { config, rng, index } = step;
  const judge = judgeOf(step);
  const asked = groups.flatMap(({ prompt, samples }) =>
    samples.flatMap((sample) => {
      const task = taskOf(prompt);
      const query = { kind: task.type as QueryKind, question: solverText(task), tried: sample.text };
      return parseAnswer(sample) !== null && fitsJudging(judge, query) ? [{ sample, query }] : [];
    }),
  );
  // Equal answers to one task are judged once.
  const distinct = new Map(asked.map(({ query }) => [keyOf(query), query]));
  const draws = [...distinct.values()].map((query, place): Draw => {
    const id = `${index}/judge/${place}`;
    const start = judgementStart(config, query.kind, rng.child("rule", id));
    return {
      prompt: judgePrompt(judge, id, query, start, { start }),
      samples: config.solverVotes,
      purpose: "evaluate",
    };
  });
  const judgements = yield* rollout(judge, draws, { temperature: 1, rng });
  const keys = [...distinct.keys()];
  const scores = new Map(
    judgements.map((group, place) => [keys[place], mean(scoresIn(group).filter((score) => score !== null))] as const),
  );
  return new Map(asked.map(({ sample, query }) => [sample, scores.get(keyOf(query)) ?? 0]));
}

const keyOf = ({ question, tried }: TriedQuery) => `${question} ${tried}`;

/** A tenth of the mean score each; then the verdicts, and how far the judge's opinion is from them. */
async function* rewarded(groups: readonly Group[], scores: ReadonlyMap<Sample, number>, judging: Judging): Stage<void> {
  const samples = groups.flatMap((group) => group.samples);
  for (const sample of samples) {
    sample.reward = (scores.get(sample) ?? 0) / HIGHEST_SCORE;
    yield { type: "reward.sample", sampleId: sample.id, reward: sample.reward };
  }
  yield* judging.settle(groups);
  const approved = mean(samples.map((sample) => Number((scores.get(sample) ?? 0) >= RIGHT_FROM)));
  const right = mean(samples.map(({ verdict }) => Number(verdict?.verdict === "CORRECT")));
  const metrics = { "solver/approved": approved, "solver/right": right, "solver/gap": approved - right };
  yield { type: "stage.metrics", metrics };
}
