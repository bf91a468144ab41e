/** Prompts and what was written to them: what the stage shows of kinds that it does not draw otherwise. Pure. */
import { kindText } from "../contracts";
import type { SampleRecord, StepState } from "../telemetry/state";
import { type Attempt, creditShare } from "./scenes";

/** One prompt with its completions. */
export interface Exchange {
  readonly id: string;
  /** Kind of the prompt, for people. */
  readonly kind: string;
  readonly prompt: string;
  readonly attempts: readonly Attempt[];
}

/** The exchanges of a step in order of arrival. */
export function exchangesOf(step: StepState): readonly Exchange[] {
  const prompts = new Map<string, SampleRecord[]>();
  for (const record of step.samples.values())
    prompts.set(record.prompt.id, [...(prompts.get(record.prompt.id) ?? []), record]);
  return [...prompts].map(([id, records]) => ({
    id,
    kind: kindText(records[0]?.prompt.kind ?? ""),
    prompt: records[0]?.prompt.text ?? "",
    attempts: records.map((record) => ({ record, share: creditShare(step, record.sample.id) })),
  }));
}

/** The one to look at: where advantages differ most, else the first. */
export function leadingExchange(exchanges: readonly Exchange[]): Exchange | null {
  const spread = ({ attempts }: Exchange) =>
    attempts.reduce((most, { share }) => Math.max(most, Math.abs(share?.advantage ?? 0)), 0);
  return exchanges.reduce<Exchange | null>((best, one) => (best && spread(best) >= spread(one) ? best : one), null);
}
