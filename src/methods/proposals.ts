import type { Group, Policy, Rng, Stage, Step, TaskType } from "../contracts";
import type { Draw } from "../rollout/rollout";
import { type Admitted, admit } from "../tasks/admit";
import { drawReference, inductionSources, knownTasks, readBuffer } from "../tasks/buffer";
import type { Checks } from "../tasks/check";
import { proposerPrompt } from "../tasks/prompts";
import { IDENTITY_PROGRAM } from "../tasks/seeds";

type Proposing = Pick<Step, "policy" | "heldOut" | "memory" | "rng">;

/** Plan of one batch of proposals. */
export interface ProposalPlan {
  readonly types: readonly TaskType[];
  /** Proposals per type. */
  readonly count: number;
  /** Prefix of the prompt ids, unique in the run. */
  readonly name: string;
  /** Longest program that an induction task may describe, in statements. */
  readonly inductionStatements: number;
}

/** One completion for each of `count` proposer prompts per type; references come from the task buffers. */
export function proposalDraws(step: Proposing, plan: ProposalPlan): Draw[] {
  return plan.types.flatMap((type) => typeDraws(step, type, plan));
}

function typeDraws({ policy, memory, rng }: Proposing, type: TaskType, plan: ProposalPlan): Draw[] {
  const random = rng.child("reference", plan.name, type);
  const reference = referenceReader(memory, type, plan.inductionStatements, random);
  return Array.from({ length: plan.count }, (_, slot) =>
    draw(policy, `${plan.name}/${type}/${slot}`, type, reference()),
  );
}

function referenceReader(memory: Step["memory"], type: TaskType, inductionStatements: number, rng: Rng): () => string {
  if (type !== "induction") {
    const buffer = readBuffer(memory, type);
    return () => drawReference(buffer, rng);
  }
  const sources = inductionSources(memory, inductionStatements);
  return () => sources[rng.below(sources.length)] ?? IDENTITY_PROGRAM;
}

function draw(policy: Policy, id: string, type: TaskType, reference: string): Draw {
  return { prompt: proposerPrompt(policy, id, type, reference), samples: 1, purpose: "train" };
}

/** Applies every rule of admission; `index` is the step stored in the tasks. Does not change the buffers. */
export function admitProposals(
  step: Proposing,
  proposals: readonly Group[],
  checks: Checks,
  index: number,
): Stage<Admitted[]> {
  const { policy, heldOut, memory } = step;
  const known = {
    deduction: knownTasks(memory, "deduction"),
    abduction: knownTasks(memory, "abduction"),
    induction: knownTasks(memory, "induction"),
  };
  return admit(proposals, { policy, checks, heldOut, known, step: index });
}
