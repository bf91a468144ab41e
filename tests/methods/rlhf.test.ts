import { describe, expect, it } from "vitest";
import { type Choice, isLogged, type StageEvent, type Step, type TrainEvent } from "../../src/contracts";
import { featuresOf } from "../../src/methods/preferences";
import { type RlhfConfig, rlhf } from "../../src/methods/rlhf";
import { fitPairs } from "../../src/reward/feature-head";
import { faultOf } from "../../src/telemetry/event-shape";
import { drain, ScriptedModel, selfPlay } from "../train/scripted";
import { creditedGroups, scriptedStep } from "./world";

/** Sees of a program how many lines it has, and whether it adds. */
class SeeingModel extends ScriptedModel {
  async features(sequences: readonly { completion: Int32Array }[]): Promise<Float32Array[]> {
    return sequences.map(({ completion }) => {
      const text = this.tokenizer.decode(completion);
      return Float32Array.of(text.split("\n").length, text.includes("x=x+") ? 1 : 0);
    });
  }
}

const FEW: Partial<RlhfConfig> = { choices: 24, candidates: 48, proposals: 6, samples: 4, judge: "short" };

async function prepared(config: Partial<RlhfConfig> = {}, changes: Partial<Step<RlhfConfig>> = {}) {
  const policy = new SeeingModel(selfPlay);
  const step = scriptedStep(rlhf, { ...FEW, ...config }, { policy, reference: policy, ...changes });
  const { events } = await drain(rlhf.prepare(step));
  return { step, policy, choices: events.flatMap((event) => (event.type === "preference" ? [event] : [])) };
}

const metricsOf = (events: readonly StageEvent[]) =>
  events.flatMap((event) => (event.type === "stage.metrics" ? [event.metrics] : []))[0];

describe("rlhf, before the first step,", () => {
  it("asks as many pairs as it is told to, and says what it expects from the second one on", async () => {
    const { choices } = await prepared();
    expect(choices).toHaveLength(24);
    expect(choices.map(({ expected }) => expected !== null)).toEqual(choices.map((_, index) => index > 0));
    for (const { a, b, by, expected } of choices) {
      expect(by).toBe("short");
      expect(a).not.toEqual(b);
      expect(expected ?? 0.5).toBeGreaterThan(0);
      expect(expected ?? 0.5).toBeLessThan(1);
    }
  });

  it("learns the taste of its judge: what it was never asked about too", async () => {
    const { step } = await prepared({ choices: 64 });
    const { result } = await drain(rlhf.measure!(step));
    const accuracy = result.find(({ name }) => name === "preference/accuracy");
    expect(accuracy?.value).toBeGreaterThan(0.9);
    expect(accuracy?.n).toBeGreaterThan(500);
    expect(result.map(({ name }) => name).slice(0, 2)).toEqual(["preference/foretold", "preference/accuracy"]);
    // A model that is right picks what its judge likes better and better, and the longer a list, the better its best.
    const [one = 1, four = 0] = [1, 4].map((n) => result.find(({ name }) => name === `preference/bestOf${n}`)?.value);
    expect(Math.abs(one - 0.5)).toBeLessThan(0.08);
    expect(four).toBeGreaterThan(0.7);
    expect(four).toBeLessThanOrEqual(1);
    const later = await drain(rlhf.measure!({ ...step, index: 1 }));
    expect(later.result.some(({ name }) => name.startsWith("preference/bestOf"))).toBe(false);
  });

  it("makes the same reward model of the choices in a log, and of the same seed", async () => {
    const { step, policy, choices } = await prepared({ choices: 20 });
    const text = ({ program, input }: { program: string; input: string }) => `${program}<in>${input}`;
    const pairs = await Promise.all(
      choices.map(async ({ a, b, chosen }) => {
        const [left, right] = await featuresOf(policy, [text(a), text(b)], 2);
        return { a: left!, b: right!, label: chosen === "a" ? 1 : 0 };
      }),
    );
    const model = step.memory.get("reward-model") as { head: unknown };
    expect(model.head).toEqual(fitPairs(pairs));
    const again = await prepared({ choices: 20 });
    expect(again.step.memory.get("reward-model")).toEqual(model);
  });

  it("asks the visitor, and takes what they choose", async () => {
    const asked: { done: number; total: number }[] = [];
    const person = async ({
      a,
      b,
      done,
      total,
    }: { a: { program: string }; b: { program: string } } & (typeof asked)[0]) => {
      asked.push({ done, total });
      return (a.program.length <= b.program.length ? "a" : "b") as Choice;
    };
    const { choices, step } = await prepared({ judge: "you", choices: 5 }, { person });
    expect(asked.map(({ done }) => done)).toEqual([0, 1, 2, 3, 4]);
    for (const { a, b, chosen, by } of choices) {
      expect(by).toBe("you");
      expect(chosen).toBe(a.program.length <= b.program.length ? "a" : "b");
    }
    const before = await drain(rlhf.measure!(step));
    expect(before.result.map(({ name }) => name)).toEqual(["preference/foretold"]);
    // After the last step ten pairs are blind: nothing is expected, and both policies are on either side.
    asked.length = 0;
    const after = await drain(rlhf.measure!({ ...step, index: step.steps }));
    const blind = after.events.flatMap((event) => (event.type === "preference" ? [event] : []));
    expect(blind).toHaveLength(10);
    expect(blind.every(({ expected }) => expected === null)).toBe(true);
    expect(after.result.find(({ name }) => name === "preference/wins")?.n).toBe(10);
  });

  it("says so where nobody can be asked", async () => {
    await expect(prepared({ judge: "you" })).rejects.toThrow(/nobody is here to choose/);
  });

  it("writes choices that a log can hold", async () => {
    const { choices } = await prepared({ choices: 2 });
    for (const choice of choices) {
      const event = { ...choice, step: -1, ms: 1 } as TrainEvent;
      expect(isLogged(event)).toBe(true);
      expect(faultOf(event)).toBeNull();
      expect(faultOf({ ...event, chosen: "c" } as never)?.field).toBe("chosen");
    }
  });
});

describe("a step of rlhf", () => {
  it("pays the score less β nats, and compares with the mean of the others of the prompt", async () => {
    const { step } = await prepared({ klCoefficient: 0.1 });
    const { events } = await drain(rlhf.collect(step));
    const distances = new Map(
      events.flatMap((event) =>
        event.type === "rollout.sample" ? [[event.sample.id, 0.25 * event.sample.logprobs.length]] : [],
      ),
    );
    const unpaid = await drain(rlhf.collect({ ...step, config: { ...step.config, klCoefficient: 0 } }));
    const scores = new Map(creditedGroups(unpaid.events).flatMap(({ samples }) => samples.map((one) => [one.id, one])));
    const groups = creditedGroups(events);
    expect(groups).toHaveLength(6);
    for (const { samples } of groups) {
      const total = samples.reduce((sum, { reward }) => sum + reward, 0);
      for (const { id, reward, advantage } of samples) {
        // The scripted reference finds every token a quarter of a nat less likely.
        expect(reward).toBeCloseTo((scores.get(id)?.reward ?? 0) - 0.1 * (distances.get(id) ?? 0), 5);
        expect(advantage).toBeCloseTo(reward - (total - reward) / (samples.length - 1), 5);
      }
    }
  });

  it("pays 3 deviations less than the base's mean for what cannot become a task, or was written before", async () => {
    const { step } = await prepared({ klCoefficient: 0, proposals: 24 });
    const seen = new Set<string>();
    const isRefused = ({ text, verdict }: { text: string; verdict: { verdict: string } | undefined }) => {
      const [program = ""] = text.split("<in>");
      if (verdict?.verdict !== "VALID" || seen.has(program)) return true;
      seen.add(program);
      return false;
    };
    const { events } = await drain(rlhf.collect(step));
    const samples = creditedGroups(events).flatMap((group) => group.samples);
    const refused = samples.filter(isRefused);
    expect(refused.some(({ verdict }) => verdict?.verdict === "VALID")).toBe(true);
    expect(refused.some(({ verdict }) => verdict?.verdict !== "VALID")).toBe(true);
    expect(new Set(refused.map(({ reward }) => reward))).toEqual(new Set([-3]));
    expect(samples.filter(({ reward }) => reward === -3)).toHaveLength(refused.length);
    const open = await drain(rlhf.collect({ ...step, config: { ...step.config, gate: false } }));
    const scored = creditedGroups(open.events).flatMap((group) => group.samples);
    expect(scored.every(({ reward }) => reward !== -3)).toBe(true);
  });

  it("never learns from what the judge really likes, unless it is told to", async () => {
    const trained = async (config: Partial<RlhfConfig>) => {
      const { step } = await prepared(config);
      const { result, events } = await drain(rlhf.collect(step));
      return { sequences: result[0]?.sequences, metrics: metricsOf(events) };
    };
    const [model, gold] = [await trained({}), await trained({ rewardSource: "gold" })];
    expect(model.sequences).not.toEqual(gold.sequences);
    expect(model.metrics?.["preference/gold"]).toBeCloseTo(gold.metrics?.["preference/gold"] ?? 0, 12);
    // The judge is asked nothing any more: with another one beside the same model the same is learned.
    const { step } = await prepared({});
    const other = await drain(rlhf.collect({ ...step, config: { ...step.config, judge: "lists" } }));
    expect(other.result[0]?.sequences).toEqual(model.sequences);
  });
});
