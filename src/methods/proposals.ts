import { ALL_TASK_TYPES, type Group, type Rng, type Stage, type Step, type TaskType } from "../contracts";
import type { Draw } from "../rollout/rollout";
import { type Admitted, admit } from "../tasks/admit";
import { drawReference, inductionSources, knownTasks, readBuffer } from "../tasks/buffer";
import type { Checks } from "../tasks/check";
import { canGoFirst } from "../tasks/compose";
import { compositePrompt, proposerPrompt } from "../tasks/prompts";
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
  /** Whether a proposer is shown a program of the buffer to vary. If false, it always sees the identity. Default: true. */
  readonly references?: boolean;
  /** Share of the references that are among the longest tenth. Default: 0. */
  readonly longReferences?: number;
  /** Share of the proposals that are to run after an earlier short program. Default: 0. */
  readonly composites?: number;
}

/** Longest program that goes first in a composite, in statements. */
const SHORT_FIRST = 2;

/** One completion for each of `count` proposer prompts per type; references come from the task buffers. */
export function proposalDraws(step: Proposing, plan: ProposalPlan): Draw[] {
  return plan.types.flatMap((type) => typeDraws(step, type, plan));
}

function typeDraws({ policy, memory, rng }: Proposing, type: TaskType, plan: ProposalPlan): Draw[] {
  const random = rng.child("reference", plan.name, type);
  const reference = referenceReader(memory, type, plan, random);
  const first = firstReader(memory, type, plan, rng.child("composite", plan.name, type));
  return Array.from({ length: plan.count }, (_, slot) => {
    const prompt = proposerPrompt(policy, `${plan.name}/${type}/${slot}`, type, reference());
    const before = first();
    return { prompt: before === null ? prompt : compositePrompt(prompt, before), samples: 1, purpose: "train" };
  });
}

function referenceReader(memory: Step["memory"], type: TaskType, plan: ProposalPlan, rng: Rng): () => string {
  if (type !== "induction") {
    const buffer = readBuffer(memory, type);
    return plan.references === false ? () => IDENTITY_PROGRAM : () => drawReference(buffer, rng, plan.longReferences);
  }
  const sources = inductionSources(memory, plan.inductionStatements);
  return () => sources[rng.below(sources.length)] ?? IDENTITY_PROGRAM;
}

/** Draws what a proposal is to run after; null for most, and for induction, which writes no program. */
function firstReader(memory: Step["memory"], type: TaskType, { composites = 0 }: ProposalPlan, rng: Rng) {
  if (type === "induction" || composites === 0) return () => null;
  const short = readBuffer(memory, type).filter(({ statements }) => statements <= SHORT_FIRST);
  const programs = short.map(({ program }) => program).filter(canGoFirst);
  return () => (rng.next() < composites ? (programs[rng.below(programs.length)] ?? null) : null);
}

/** Applies every rule of admission; `index` is the step stored in the tasks. Does not change the buffers. */
export function admitProposals(
  step: Proposing,
  proposals: readonly Group[],
  checks: Checks,
  index: number,
): Stage<Admitted[]> {
  const { policy, heldOut, memory } = step;
  const known = Object.fromEntries(ALL_TASK_TYPES.map((type) => [type, knownTasks(memory, type)])) as Record<
    TaskType,
    Set<string>
  >;
  return admit(proposals, { policy, checks, heldOut, known, step: index });
}
