import type { Method, MethodConfig, Step } from "../../src/contracts";
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
    ...changes,
  };
}
