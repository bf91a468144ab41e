/** What the parts of RLAIF share: prompts, and programs that were written. */
import { KelvinError, type Policy, type Step } from "../contracts";
import type { Draw } from "../rollout/rollout";
import type { Admitted } from "../tasks/admit";
import { drawReference, readBuffer } from "../tasks/buffer";
import { constitutionOf, type Law } from "../tasks/laws";
import { knowsJudging, proposerPrompt } from "../tasks/prompts";
import type { RlaifConfig } from "./rlaif";

export type RlaifStep = Step<RlaifConfig>;

/** The frozen copy: it criticises, revises and judges. */
export function baseOf({ reference }: RlaifStep): Policy {
  if (!reference) throw new Error("rlaif: there is no reference policy");
  return reference;
}

export const lawsOf = ({ config }: Pick<RlaifStep, "config">): readonly Law[] => constitutionOf(config.laws);

/** @throws KelvinError "model" for a model that knows none of the formats */
export function demandJudge({ policy }: RlaifStep): void {
  if (!knowsJudging(policy))
    throw new KelvinError("model", "this model cannot judge", "Constitutional AI needs kelvin-nano-judge");
}

/** Prompts that ask to vary a program of the untrained policy, in which no law stands. */
export function proposals(
  { memory, policy, rng, index }: RlaifStep,
  name: string,
  count: number,
  samples: number,
): Draw[] {
  const references = readBuffer(memory, "deduction");
  const draws = rng.child("reference", name);
  return Array.from({ length: count }, (_, slot) => ({
    prompt: proposerPrompt(policy, `${index}/${name}/${slot}`, "deduction", drawReference(references, draws)),
    samples,
    purpose: "train" as const,
  }));
}

/** A program that can be shown, with what was written and the prompt that asked for it. */
export interface Written {
  readonly text: string;
  readonly program: string;
  readonly reference: string;
}

/** Valid proposals, with the program that each was a variation of, by sample. */
export function writtenBy(
  groups: readonly { prompt: { reference?: string }; samples: readonly { id: string }[] }[],
  admitted: readonly Admitted[],
): Written[] {
  const references = new Map(
    groups.flatMap(({ prompt, samples }) => samples.map(({ id }) => [id, prompt.reference ?? ""] as const)),
  );
  return admitted.map(({ sample, task }) => ({
    text: sample.text,
    program: task.program,
    reference: references.get(sample.id) ?? "",
  }));
}
