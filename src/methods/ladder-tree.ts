/** The tree of LADDER: from each root, variants of variants, each admitted by the verifier. arXiv 2503.00735 §3.1. */
import { type Group, KelvinError, type Stage, type Step, type Task } from "../contracts";
import { exampleEvents, exampleOf } from "../rollout/examples";
import { phase } from "../rollout/phase";
import { rollout } from "../rollout/rollout";
import { remember } from "../tasks/buffer";
import { Checks, TASK_RULES, type TaskRules } from "../tasks/check";
import { demandTrainable } from "../tasks/given";
import { easierPrompt, knowsEasier } from "../tasks/prompts";
import type { LadderConfig } from "./ladder";
import { domainOf } from "./ladder-domain";
import { admitProposals } from "./proposals";

type TreeStep = Step<LadderConfig>;

/** Sampling temperatures of the rounds, in turn, so that variants differ. */
const TEMPERATURES = [0.8, 1, 1.2, 1.4] as const;
/** Of a tree; the paper's have about five hundred a root. */
const MOST_TASKS = 6000;
/** Of a task that has variants. */
const FEWEST_STATEMENTS = 2;

/**
 * Roots first, then `depth` rounds; in each, every root's newest variants get `branches` variants together.
 *
 * @throws KelvinError "config" if the policy never learned to make tasks easier, or if the tree could be larger than the buffer
 */
export async function* growTree(step: TreeStep, roots: readonly Task[]): Stage<void> {
  const { config, policy } = step;
  if (config.variants === "own" && !knowsEasier(policy))
    throw new KelvinError(
      "config",
      "ladder: this model does not know how to make a task easier",
      "choose the model kelvin-nano-2, or set variants=rules",
    );
  // The oldest tasks leave a full buffer, and those are the roots.
  const most = roots.length * (1 + config.branches * config.depth);
  if (config.variants !== "none" && most > MOST_TASKS)
    throw new KelvinError(
      "config",
      `ladder: a tree of up to ${most} tasks, and ${MOST_TASKS} are kept`,
      "lower roots, branches or depth",
    );
  for (const task of roots) yield { type: "task.add", task };
  remember(step.memory, roots, MOST_TASKS);
  if (config.variants === "none") return;
  let layers: readonly (readonly Task[])[] = roots.map((root) => [root]);
  for (let round = 0; round < config.depth; round++) layers = yield* nextLayers(step, layers, round);
}

/** The first roots of the list. @throws KelvinError "input" if one is held out */
export async function rootTasks(
  { policy, verifier, heldOut }: TreeStep,
  count = Number.POSITIVE_INFINITY,
): Promise<Task[]> {
  const roots = (await domainOf(policy).roots(verifier)).slice(0, count);
  demandTrainable(roots, heldOut);
  return roots;
}

/** One more layer under each root: what became a task. */
async function* nextLayers(
  step: TreeStep,
  layers: readonly (readonly Task[])[],
  round: number,
): Stage<readonly (readonly Task[])[]> {
  const parents = layers.flatMap((layer, root) => parentsOf(step, layer, `${round}/${root}`));
  const rules: TaskRules = { ...TASK_RULES, redundant: step.config.rejectRedundant };
  const checks = new Checks(step.verifier, rules);
  const proposals = yield* phase("propose", variantsOf(step, parents, round, checks));
  const admitted = yield* phase("verify", admitProposals(step, proposals, checks, -1));
  const lengths = new Map(parents.map(({ id, statements }) => [id, statements]));
  const tasks = admitted
    .map(({ task }) => task)
    .filter(({ parent = "", statements }) => statements <= (lengths.get(parent) ?? 0));
  remember(step.memory, tasks, MOST_TASKS);
  return layers.map((layer) => {
    const own = new Set(layer.map(({ id }) => id));
    return tasks.filter(({ parent = "" }) => own.has(parent));
  });
}

/** Drawn from one root's newest layer, with repetition. */
function parentsOf({ config, rng }: TreeStep, layer: readonly Task[], name: string): Task[] {
  const long = layer.filter(({ statements }) => statements >= FEWEST_STATEMENTS);
  const random = rng.child("parents", name);
  return long.length === 0
    ? []
    : Array.from({ length: config.branches }, () => long[random.below(long.length)] as Task);
}

/** One variant of each: written by the policy, or made by rule and told as if it had been. */
async function* variantsOf(step: TreeStep, parents: readonly Task[], round: number, checks: Checks): Stage<Group[]> {
  const { policy, rng, config } = step;
  const prompts = parents.map((task, slot) =>
    easierPrompt(policy, `tree/${round}/${slot}`, task, config.variants === "own"),
  );
  if (config.variants === "own") {
    const temperature = TEMPERATURES[round % TEMPERATURES.length] ?? 1;
    const draws = prompts.map((prompt) => ({ prompt, samples: 1, purpose: "train" as const }));
    return yield* rollout(policy, draws, { temperature, rng, ahead: checks });
  }
  const examples = prompts.flatMap((prompt, slot) => {
    const parent = parents[slot] as Task;
    const text = domainOf(policy).variantByRule(parent, rng.child("rule", prompt.id));
    return text === null ? [] : [exampleOf(policy, prompt, text)];
  });
  yield* exampleEvents(policy, examples);
  return examples.map(({ prompt, text, tokens }) => ({
    prompt,
    samples: [
      {
        ...{ id: `${prompt.id}/0`, tokens, text, stop: "eos", reward: 0, advantage: 0, trace: false },
        logprobs: new Float32Array(tokens.length),
      },
    ],
  }));
}
