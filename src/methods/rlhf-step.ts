/** What the parts of RLHF share: prompts, rulings, and who is asked. */
import type { Group, Policy, Stage, Step } from "../contracts";
import type { Annotator } from "../reward/annotator";
import { phase } from "../rollout/phase";
import { type Draw, rollout } from "../rollout/rollout";
import { type Admitted, admit, nothingKnown } from "../tasks/admit";
import { drawReference, readBuffer } from "../tasks/buffer";
import { Checks, TASK_RULES, type TaskRules } from "../tasks/check";
import { proposerPrompt } from "../tasks/prompts";
import { type Candidate, featuresOf, type Judge, type RewardModel, scoreOf } from "./preferences";
import type { RlhfConfig } from "./rlhf";

/** Tasks may be written more than once: the gate sees to copies of a program. */
export const COPIES_ALLOWED: TaskRules = { ...TASK_RULES, duplicates: false };

/** Of the candidates, kept out of all choices: the reward model's exam. */
const HELD_OUT_SHARE = 0.25;

/** What a proposal earns that cannot become a task, in deviations of what the base writes. */
export const REFUSED = -3;

export type RlhfStep = Step<RlhfConfig>;

/** The frozen copy; before the first step it is the policy itself. */
export function baseOf({ reference }: RlhfStep): Policy {
  if (!reference) throw new Error("rlhf: there is no reference policy");
  return reference;
}

/** Candidates from the beginning of the list that no choice is about. */
export const heldOutCount = (candidates: readonly Candidate[]) => Math.floor(candidates.length * HELD_OUT_SHARE);

/** What only a simulation knows; null for a person. Coins are measured by what `mixed` likes. */
export function goldOf(judge: Judge): Annotator | null {
  if (judge === "you") return null;
  return judge === "coin" ? "mixed" : judge;
}

/** Prompts that ask to vary a program of the untrained policy. */
export function proposals(
  { config, memory, policy, rng, index }: RlhfStep,
  name: string,
  count = config.proposals,
): Draw[] {
  const references = readBuffer(memory, "deduction");
  const draws = rng.child("reference", name);
  return Array.from({ length: count }, (_, slot) => ({
    prompt: proposerPrompt(policy, `${index}/${name}/${slot}`, "deduction", drawReference(references, draws)),
    samples: config.samples,
    purpose: "train" as const,
  }));
}

export function candidateOf({ sample, task: { program, pairs } }: Admitted): Candidate {
  const [pair] = pairs;
  return { text: sample.text, program, input: pair?.input ?? "", output: pair?.output ?? "" };
}

/** What ruling on proposals takes, of any method. */
type Ruling = Pick<Step, "policy" | "verifier" | "heldOut" | "index" | "rng">;

/** Verdicts on the proposals; those that could become a task. No buffer grows: what is learned here is no task. */
async function* ruled(step: Ruling, groups: readonly Group[], checks: Checks): Stage<Admitted[]> {
  const { policy, heldOut, index } = step;
  const ruling = admit(groups, { policy, checks, heldOut, known: nothingKnown(), step: index });
  for (;;) {
    const next = await ruling.next();
    if (next.done) return next.value;
    if (next.value.type !== "task.add") yield next.value;
  }
}

/** What was written, and what of it could become a task. */
interface Proposed {
  readonly groups: Group[];
  readonly admitted: Admitted[];
}

/** Writes programs and has them ruled on, as two phases. */
export async function* proposed(step: Ruling, draws: readonly Draw[], rules: TaskRules): Stage<Proposed> {
  const checks = new Checks(step.verifier, rules);
  const sampling = { temperature: 1, rng: step.rng, ahead: checks };
  const groups = yield* phase("propose", rollout(step.policy, draws, sampling));
  return { groups, admitted: yield* phase("verify", ruled(step, groups, checks)) };
}

/** Of texts that the policy or its base wrote. */
export async function scoresOf(step: RlhfStep, texts: readonly string[]): Promise<number[]> {
  const model = step.memory.get("reward-model") as unknown as RewardModel;
  const features = await featuresOf(baseOf(step), texts, step.config.layer);
  return features.map((one) => scoreOf(model, one));
}

/** Samples whose program no earlier sample of the step wrote, in any spelling. */
export function firstOfEach(admitted: readonly Admitted[]): ReadonlySet<string> {
  const first = new Map<string, string>();
  for (const { sample, task } of admitted) if (!first.has(task.normalized)) first.set(task.normalized, sample.id);
  return new Set(first.values());
}
