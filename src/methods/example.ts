import { KelvinError, type MethodConfig, type Stage, type Step, type Task } from "../contracts";
import { solveRate } from "../reward/reward";
import { phase } from "../rollout/phase";
import { rollout } from "../rollout/rollout";
import { addTasks, readBuffer } from "../tasks/buffer";
import { Checks } from "../tasks/check";
import { directText } from "../tasks/formats";
import { isHeldOut } from "../tasks/held-out";
import { Judging } from "../tasks/judge";
import { canonical, isValue, programFault } from "../tasks/language";
import { solverPrompt, tracePrompt } from "../tasks/prompts";
import { identityTask } from "../tasks/seeds";
import { makeTask } from "../tasks/task";
import type { ExampleRule } from "./example-rules";
import { admitProposals, proposalDraws } from "./proposals";

/** Settings that choose the example; the method's `describe` explains each. */
export interface ExampleConfig extends MethodConfig {
  readonly exampleRule: ExampleRule;
  readonly candidates: number;
  readonly exampleProgram: string;
  readonly exampleInput: string;
}
type ExampleStep = Step<ExampleConfig>;

/** Minimum share of right traces; with fewer, too few samples earn a reward. */
const RELIABLE = 0.6;
/** Answers per candidate to estimate a rate. */
const TRIALS = 16;
/** Candidates whose traces are sampled at once, least likely direct answer first. */
const SHORTLIST = 8;

/** @throws KelvinError "config" if the example given by hand is not a task, "model" if no candidate fits the rule. */
export async function* chooseExample(step: ExampleStep): Stage<Task> {
  const { exampleRule } = step.config;
  if (exampleRule === "by-hand") return await exampleByHand(step);
  const candidates = yield* findCandidates(step);
  if (candidates.length === 0) throw noExample("the model wrote no valid deduction task");
  switch (exampleRule) {
    case "lowest-direct-logprob":
      return yield* leastGuessable(step, candidates);
    case "historical-variance":
      return yield* byVariance(step, candidates, (spread, best) => spread > best);
    case "lowest-variance":
      return yield* byVariance(step, candidates, (spread, best) => spread < best);
    case "random":
      return candidates[step.rng.child("example").below(candidates.length)] as Task;
    default:
      return exampleRule satisfies never;
  }
}

/**
 * The given deduction tasks, or tasks that the untrained policy proposes in two rounds (the second varies the first).
 */
async function* findCandidates(step: ExampleStep): Stage<readonly Task[]> {
  const given = step.seedTasks.filter((task) => task.type === "deduction" && !isHeldOut(task, step.heldOut));
  if (given.length > 0) return given.slice(0, step.config.candidates);
  const scratch = { ...step, memory: new Map(step.memory) };
  addTasks(scratch.memory, "deduction", [identityTask("deduction")]);
  for (const round of [0, 1]) {
    const plan = {
      types: ["deduction" as const],
      count: Math.ceil(step.config.candidates / 2),
      name: `candidate/${round}`,
      inductionStatements: 0,
    };
    const checks = new Checks(step.verifier);
    const sampling = { temperature: 1, rng: step.rng, ahead: checks };
    const proposals = yield* phase("propose", rollout(step.policy, proposalDraws(scratch, plan), sampling));
    const admitted = yield* phase("verify", admitProposals(scratch, proposals, checks, -1));
    addTasks(
      scratch.memory,
      "deduction",
      admitted.map(({ task }) => task),
    );
  }
  return readBuffer(scratch.memory, "deduction").slice(1);
}

async function* leastGuessable(step: ExampleStep, candidates: readonly Task[]): Stage<Task> {
  const logprobs = await directLogprobs(step, candidates);
  const order = candidates.map((_, index) => index).sort((a, b) => (logprobs[a] ?? 0) - (logprobs[b] ?? 0));
  for (let start = 0; start < order.length; start += SHORTLIST) {
    const shortlist = order.slice(start, start + SHORTLIST).flatMap((index) => candidates[index] ?? []);
    const rates = yield* answerRates(step, shortlist, "trace");
    const reliable = shortlist.find((_, index) => (rates[index] ?? 0) > RELIABLE);
    if (reliable) return reliable;
  }
  throw noExample(`no trace of ${candidates.length} candidates is right with probability above ${RELIABLE}`);
}

/** log-probability of the whole direct completion, `<ans>` and end token included: one forward pass each. */
async function directLogprobs({ policy }: ExampleStep, tasks: readonly Task[]): Promise<number[]> {
  const { tokenizer } = policy;
  const scores = await policy.score(
    tasks.map((task) => ({
      prompt: solverPrompt(policy, task.id, task).tokens,
      completion: Int32Array.from([...tokenizer.encode(directText(task.pairs[0]?.output ?? "")), tokenizer.endToken]),
    })),
  );
  return scores.map((logprobs) => logprobs.reduce((sum, logprob) => sum + logprob, 0));
}

/** The first candidate whose variance no other is better than. */
async function* byVariance(
  step: ExampleStep,
  candidates: readonly Task[],
  isBetter: (spread: number, best: number) => boolean,
): Stage<Task> {
  const rates = yield* answerRates(step, candidates, "free");
  const spread = (index: number): number => (rates[index] ?? 0) * (1 - (rates[index] ?? 0));
  const best = candidates.map((_, index) => index).reduce((a, b) => (isBetter(spread(b), spread(a)) ? b : a));
  return candidates[best] as Task;
}

/** Share of solved samples per task, with a forced trace or in the policy's own choice of mode. */
async function* answerRates(step: ExampleStep, tasks: readonly Task[], mode: "trace" | "free"): Stage<number[]> {
  const { policy, rng, verifier } = step;
  const draws = tasks.map((task) => {
    const prompt = solverPrompt(policy, `${task.id}/${mode}`, task);
    return {
      prompt: mode === "trace" ? tracePrompt(policy, prompt) : prompt,
      samples: TRIALS,
      purpose: "evaluate" as const,
    };
  });
  const judging = new Judging(verifier);
  const groups = yield* phase("solve", rollout(policy, draws, { temperature: 1, rng, ahead: judging }));
  yield* phase("reward", judging.settle(groups));
  return groups.map(({ samples }) => solveRate(samples) ?? 0);
}

/** The example given by hand. Any program and input of the task language are allowed, trivial ones too. */
async function exampleByHand({ config, verifier, heldOut }: ExampleStep): Promise<Task> {
  const program = config.exampleProgram.replaceAll("\\n", "\n");
  const input = canonical(config.exampleInput);
  const fault =
    program === ""
      ? "exampleProgram is empty"
      : (programFault(program) ?? (isValue(input) ? null : `input "${input}" is not a value`));
  if (fault !== null) throw noExample(fault);
  const [result] = await verifier.propose([
    { program, inputs: [input], rules: { constant: false, identity: false, leak: false } },
  ]);
  if (result?.verdict !== "VALID") throw noExample(`${result?.verdict ?? "no verdict"} ${result?.reason ?? ""}`.trim());
  const outputs = result.outputs.slice(0, 1).map(canonical);
  const { normalized } = result;
  const task = makeTask({ id: "example", type: "deduction", program, inputs: [input], outputs, normalized });
  if (isHeldOut(task, heldOut)) throw noExample("the program is kept for evaluation");
  return task;
}

function noExample(why: string): KelvinError {
  return new KelvinError(
    "config",
    `one-shot has no example: ${why}`,
    'set exampleRule=by-hand with exampleProgram="def f(x):\\n return x+1" and exampleInput=2, or raise candidates',
  );
}
