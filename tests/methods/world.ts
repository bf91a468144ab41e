import type { Method, MethodConfig, PromptView, StageEvent, Step, Verdict } from "../../src/contracts";
import { createRng } from "../../src/rollout/rng";
import { FakeVerifier, ScriptedModel, selfPlay } from "../train/scripted";

/** A step of a method over the scripted model and the fake verifier. */
export function scriptedStep<C extends MethodConfig>(
  method: Method<C>,
  config: Partial<C> = {},
  changes: Partial<Step<C>> = {},
): Step<C> {
  return {
    index: 0,
    steps: 10,
    config: { ...method.defaults, ...config },
    rng: createRng(1).child("step", 0),
    policy: new ScriptedModel(selfPlay),
    verifier: new FakeVerifier(),
    heldOut: new Set(),
    seedTasks: [],
    memory: new Map(),
    stop: () => {},
    ...changes,
  };
}

/** A sample that was credited, with everything the events say of it. */
export interface CreditedSample {
  readonly id: string;
  readonly text: string;
  readonly verdict: Verdict | undefined;
  readonly reward: number;
  readonly advantage: number;
}

/** The prompts of a step with their credited samples: what a lesson is made of, read from the stream. */
export function creditedGroups(events: readonly StageEvent[]): { prompt: PromptView; samples: CreditedSample[] }[] {
  const verdicts = new Map<string, Verdict>();
  const credits = new Map<string, { reward: number; advantage: number }>();
  for (const event of events) {
    if (event.type === "verify.verdict") verdicts.set(event.sampleId, event.verdict);
    if (event.type !== "credit.group") continue;
    const { sampleIds, rewards, advantages } = event.credit;
    sampleIds.forEach((id, index) => {
      credits.set(id, { reward: rewards[index] ?? Number.NaN, advantage: advantages[index] ?? Number.NaN });
    });
  }
  const groups = new Map<string, { prompt: PromptView; samples: CreditedSample[] }>();
  for (const event of events) {
    if (event.type !== "rollout.sample") continue;
    const { id, text } = event.sample;
    const credit = credits.get(id);
    if (!credit) continue;
    const group = groups.get(event.prompt.id) ?? { prompt: event.prompt, samples: [] };
    groups.set(event.prompt.id, group);
    group.samples.push({ id, text, verdict: verdicts.get(id), ...credit });
  }
  return [...groups.values()];
}
