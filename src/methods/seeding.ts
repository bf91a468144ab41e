import { KelvinError, type Stage, type Step, TASK_TYPES, type TaskType } from "../contracts";
import { phase } from "../rollout/phase";
import { rollout } from "../rollout/rollout";
import { readBuffer, remember } from "../tasks/buffer";
import { Checks, type TaskRules } from "../tasks/check";
import { identityTask } from "../tasks/seeds";
import { admitProposals, proposalDraws } from "./proposals";

/** Maximum number of rounds; after them a buffer may stay smaller than asked. */
const MOST_ROUNDS = 8;
/** Proposals per round, as a share of `seedTasks`: two rounds are enough at a valid rate of 0.85. */
const ROUND = 0.6;

/** How the buffers are filled before the first step. */
export interface Seeding {
  /** Target size of each buffer. */
  readonly seedTasks: number;
  readonly inductionStatements: number;
  readonly temperature: number;
  readonly rules: TaskRules;
  /** Share of the proposals that are to run after an earlier short program. Default: 0. */
  readonly composites?: number;
}

/**
 * Fills the buffers before self-play: the identity, then proposals of the untrained policy until every buffer holds
 * `seedTasks`. Induction comes last, because it describes programs of the other two. arXiv 2505.03335 §3.3.1.
 *
 * @throws KelvinError "model" if the policy proposes no valid task at all
 */
export async function* fillBuffers(step: Step, seeding: Seeding): Stage<void> {
  beginWithIdentity(step, TASK_TYPES);
  yield* fill(step, ["deduction", "abduction"], seeding);
  yield* fill(step, ["induction"], seeding);
}

/** The same for some types; induction describes programs of the others, so it is not among them. */
export async function* fillSome(
  step: Step,
  types: readonly Exclude<TaskType, "induction">[],
  seeding: Seeding,
): Stage<void> {
  beginWithIdentity(step, types);
  yield* fill(step, types, seeding);
}

function beginWithIdentity({ memory }: Step, types: readonly TaskType[]): void {
  const empty = types.filter((type) => readBuffer(memory, type).length === 0);
  remember(memory, empty.map(identityTask));
}

async function* fill(step: Step, types: readonly TaskType[], seeding: Seeding): Stage<void> {
  const { seedTasks, inductionStatements, temperature, rules, composites = 0 } = seeding;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const short = types.filter((type) => readBuffer(step.memory, type).length < seedTasks);
    if (short.length === 0) return;
    const plan = {
      ...{ types: short, count: Math.ceil(seedTasks * ROUND), name: `seed/${round}` },
      ...{ inductionStatements, composites },
    };
    const draws = proposalDraws(step, plan);
    const checks = new Checks(step.verifier, rules);
    const sampling = { temperature, rng: step.rng, ahead: checks };
    const proposals = yield* phase("propose", rollout(step.policy, draws, sampling));
    const admitted = yield* phase("verify", admitProposals(step, proposals, checks, -1));
    remember(
      step.memory,
      admitted.map(({ task }) => task),
    );
  }
  if (seedTasks > 1) requireTasks(step, types);
}

/** Throws if a buffer is empty: the model was probably never taught the formats. */
function requireTasks({ memory }: Step, types: readonly TaskType[]): void {
  const empty = types.filter((type) => readBuffer(memory, type).length <= 1);
  if (empty.length === 0) return;
  throw new KelvinError(
    "model",
    `the model wrote no valid ${empty.join(" or ")} task in ${MOST_ROUNDS} rounds`,
    "self-play needs a model pre-trained on the task language, such as kelvin-nano",
  );
}
