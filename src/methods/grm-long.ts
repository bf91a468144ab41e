/** The judge against the solver that it judges, on programs longer than those of training: is checking easier than solving? */
import type { Measure, Stage, Task } from "../contracts";
import { electedOf, isStrict, thresholdReward } from "../reward/score-votes";
import { quietly } from "../rollout/phase";
import { type Draw, rollout } from "../rollout/rollout";
import { Judging } from "../tasks/judge";
import { judgementStart, judgePrompt, RIGHT_FROM } from "../tasks/judgements";
import { roomyPrompt, solverPrompt, tracePrompt } from "../tasks/prompts";
import { isComplete } from "../tasks/traces";
import { mean } from "./collapse";
import { scoreOf } from "./grm-judging";
import { pairsOf, type Tried, type Try, triedTasks } from "./grm-queries";
import type { GrmStep } from "./grm-run";

/** Worked answers to each task. */
const TRIES = 8;
const MEASURING = { type: "live.progress", phase: "evaluate", done: 0, total: 1 } as const;

/**
 * Of each suite of long programs: worked answers that are right and complete (`solver`), pairs of such a one and a wrong one that the
 * judge orders rightly (`judge`), how often the answer that it scores highest is right (`picked`), and verdicts on single answers
 * (`alone`). All greedy but the answers that are judged.
 */
export async function* againstSolver(step: GrmStep): Stage<readonly Measure[]> {
  let measures: readonly Measure[] = [];
  const suites = (step.suites ?? []).filter(({ isLong }) => isLong);
  for (const { name, tasks } of suites) {
    const asked = tasks.filter(({ type }) => type === "deduction").slice(0, step.config.longTasks);
    const subject = name.replaceAll(/[^a-z0-9]/giu, "").replace("fresh", "");
    measures = [...measures, ...(yield* onSuite(step, subject, asked))];
  }
  return measures;
}

async function* onSuite(step: GrmStep, subject: string, tasks: readonly Task[]): Stage<Measure[]> {
  if (tasks.length === 0) return [];
  const tried = (yield* triedTasks(step, tasks, ["traced"], TRIES)).map(withoutLuck);
  const scores = yield* greedyScores(step, tried);
  const scoreIn = ({ id }: Pick<Tried, "id">, { text }: Pick<Try, "text">) => scores.get(`${id} ${text}`) ?? null;
  const pairs = pairsOf(tried, step.rng.child("pairs", subject)).filter(({ worse }) => !worse.right);
  const ordered = pairs.map((pair) => Number(isStrict([scoreIn(pair, pair.better), scoreIn(pair, pair.worse)], 0)));
  const picked = tried.map((query) => {
    const values = query.tries.map((one) => scoreIn(query, one) ?? -1);
    const place = values.length === 0 ? 0 : electedOf(values, step.rng.child("picked", query.id));
    return Number(query.tries[place]?.right ?? false);
  });
  return [
    { name: `${subject}/solver`, value: yield* solved(step, tasks), n: tasks.length },
    ...(pairs.length === 0 ? [] : [{ name: `${subject}/judge`, value: mean(ordered), n: pairs.length }]),
    { name: `${subject}/picked`, value: mean(picked), n: tasks.length },
    ...alone(
      subject,
      tried.flatMap((query) => query.tries.map((one) => ({ ...one, score: scoreIn(query, one) }))),
    ),
  ];
}

/** The same with answers that are right by luck, without a complete trace, taken for wrong. */
function withoutLuck(query: Tried): Tried {
  return { ...query, tries: query.tries.map((one) => ({ ...one, right: one.right && one.complete })) };
}

/** Verdicts on single tries, 5 or more for right: the mean of the shares among right and among wrong ones, so that chance is 0.5. */
function alone(subject: string, tries: readonly (Try & { readonly score: number | null })[]): Measure[] {
  const shares = [true, false].map((right) => {
    const own = tries.filter((one) => one.right === right);
    return own.length === 0
      ? null
      : mean(own.map(({ score }) => Number(thresholdReward(score, right, RIGHT_FROM) > 0)));
  });
  const known = shares.filter((share) => share !== null);
  return known.length < 2 ? [] : [{ name: `${subject}/alone`, value: mean(known), n: tries.length }];
}

/** The greedy score of every try, by query and text. */
async function* greedyScores(
  { policy, rng, config }: GrmStep,
  tried: readonly Tried[],
): Stage<ReadonlyMap<string, number | null>> {
  const asked = tried.flatMap(({ tries, ...query }) => tries.map(({ text }) => ({ ...query, tried: text })));
  const draws = asked.map((query, place): Draw => {
    const id = `long/${place}`;
    const start = judgementStart(config, query.kind, rng.child("rule", id));
    return { prompt: judgePrompt(policy, id, query, start, { start }), samples: 1, purpose: "evaluate" };
  });
  const groups = yield* quietly(rollout(policy, draws, { temperature: 0, rng }), MEASURING);
  return new Map(
    groups.map(({ prompt, samples: [sample] }, place) => {
      const { id, tried: text } = asked[place] as (typeof asked)[number];
      return [`${id} ${text}`, sample ? scoreOf(prompt, sample) : null] as const;
    }),
  );
}

/** Share of the solver's greedy worked answers that are right, with every statement in the trace. */
async function* solved({ policy, verifier, rng }: GrmStep, tasks: readonly Task[]): Stage<number> {
  const draws = tasks.map((task): Draw => {
    const prompt = tracePrompt(policy, roomyPrompt(policy, solverPrompt(policy, `solver/${task.id}`, task)));
    return { prompt, samples: 1, purpose: "evaluate" };
  });
  const judging = new Judging(verifier);
  const groups = yield* quietly(rollout(policy, draws, { temperature: 0, rng, ahead: judging }), MEASURING);
  yield* quietly(judging.settle(groups), MEASURING);
  const answers = groups.flatMap(({ prompt, samples }) => samples.map((sample) => ({ prompt, sample })));
  return mean(
    answers.map(({ prompt, sample }) => Number(sample.verdict?.verdict === "CORRECT" && isComplete(prompt, sample))),
  );
}
