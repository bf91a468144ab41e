/** What an evaluation of RLAIF measures beside the suites: obedience and helpfulness, counted from syntax. */
import { learnability, type Measure, type Stage, type Task } from "../contracts";
import { solveRate } from "../reward/reward";
import { finish } from "../rollout/phase";
import { type Draw, rollout } from "../rollout/rollout";
import { Judging } from "../tasks/judge";
import { breaksAny, LAWS } from "../tasks/laws";
import { solverPrompt } from "../tasks/prompts";
import type { Tally } from "./rlaif-revise";
import { baseOf, lawsOf, proposals, type RlaifStep } from "./rlaif-step";
import { COPIES_ALLOWED, proposed } from "./rlhf-step";

/** Prompts of the exam, and programs for each. */
const PROMPTS = 64;
const SAMPLES = 2;
/** Proposals that the untrained policy tries to solve, and how often each. */
const TRIED = 48;
const TRIES = 4;

/** Shares of the policy's own proposals; nothing of them is logged or trained on. */
export async function* measure(step: RlaifStep): Stage<readonly Measure[]> {
  yield { type: "live.progress", phase: "evaluate", done: 0, total: 1 };
  const aside = { ...step, rng: step.rng.child("exam") };
  const { groups, admitted } = await finish(
    proposed(aside, proposals(aside, "exam", PROMPTS, SAMPLES), COPIES_ALLOWED),
  );
  const written = groups.reduce((sum, { samples }) => sum + samples.length, 0);
  const programs = admitted.map(({ task }) => task.program);
  const distinct = [...new Map(admitted.map(({ task }) => [task.program, task])).values()];
  const laws = lawsOf(step);
  const share = (name: string, holds: (program: string) => boolean): Measure => ({
    ...{ name, value: programs.filter(holds).length / Math.max(1, programs.length), n: programs.length },
  });
  const agreement = step.memory.get("agreement") as { readonly value: number; readonly n: number } | undefined;
  return [
    share("obedience", (program) => !breaksAny(laws, program)),
    ...LAWS.map(({ measure: name, isBroken }) => share(`breaks/${name}`, isBroken)),
    { name: "proposals/valid", value: programs.length / Math.max(1, written), n: written },
    { name: "proposals/unique", value: distinct.length / Math.max(1, programs.length), n: programs.length },
    { name: "proposals/learnable", ...(await learnableShare(aside, distinct.slice(0, TRIED))) },
    ...tallied(step, "critiques", "critiques/right"),
    ...tallied(step, "revised", "revisions/keeping"),
    ...(agreement && agreement.n > 0 ? [{ name: "labels/agreeing", ...agreement }] : []),
  ];
}

/** A share of what was counted before the first step. */
function tallied({ memory }: RlaifStep, counted: string, name: string): Measure[] {
  const { right, n } = (memory.get(counted) ?? { right: 0, n: 0 }) as unknown as Tally;
  return n === 0 ? [] : [{ name, value: right / n, n }];
}

/**
 * Share of tasks that the untrained policy solves sometimes, neither never nor always (arXiv 2505.03335 Eq. 4). It is the same solver at
 * every evaluation, so that the share tells of the tasks alone.
 */
async function learnableShare(step: RlaifStep, tasks: readonly Task[]): Promise<Pick<Measure, "value" | "n">> {
  const base = baseOf(step);
  const judging = new Judging(step.verifier);
  const draws = tasks.map(
    (task): Draw => ({ prompt: solverPrompt(base, `exam/${task.id}`, task), samples: TRIES, purpose: "evaluate" }),
  );
  const groups = await finish(rollout(base, draws, { temperature: 1, rng: step.rng, ahead: judging }));
  await finish(judging.settle(groups));
  const learnable = groups.filter(({ samples }) => learnability(solveRate(samples) ?? 0) > 0);
  return { value: learnable.length / Math.max(1, tasks.length), n: tasks.length };
}
