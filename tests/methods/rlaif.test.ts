import { describe, expect, it } from "vitest";
import { isLogged, type Json, type StageEvent, type Step, type TrainEvent } from "../../src/contracts";
import { type RlaifConfig, rlaif } from "../../src/methods/rlaif";
import { agreementOf } from "../../src/methods/rlaif-run";
import { countStatements } from "../../src/tasks/language";
import { constitutionOf } from "../../src/tasks/laws";
import { faultOf } from "../../src/telemetry/event-shape";
import { drain, type Script, ScriptedModel, selfPlay } from "../train/scripted";
import { creditedGroups, scriptedStep } from "./world";

const MOST = 2;
const LAW = String(MOST);

/** Criticises and revises under the law that a program has at most two statements. */
const obedient: Script = (prompt, rng, skill) => {
  const [, law = "", program = "", rest = ""] = /<law>(.*?)<try>([\s\S]*?)<check>([\s\S]*)$/.exec(prompt) ?? [];
  const lines = program.split("\n ");
  if (prompt.startsWith("<judge>")) return law === LAW && lines.length > MOST + 1 ? (lines[MOST + 1] ?? "") : "ok";
  if (prompt.startsWith("<fix>") && rest !== "")
    return `${[...lines.slice(0, MOST), lines.at(-1)].join("\n ")}<in>${rng.below(20)}`;
  return selfPlay(prompt, rng, skill);
};

/** Sees how many lines a program has; prefers the shorter one, and a little the first. */
class JudgingModel extends ScriptedModel {
  constructor(private readonly isRight = true) {
    super(obedient);
  }

  async features(sequences: readonly { completion: Int32Array }[]): Promise<Float32Array[]> {
    return sequences.map(({ completion }) => Float32Array.of(this.tokenizer.decode(completion).split("\n").length));
  }

  override async score(sequences: readonly { prompt: Int32Array; completion: Int32Array }[]): Promise<Float32Array[]> {
    const plain = await super.score(sequences);
    return sequences.map(({ prompt, completion }, index) => {
      const asked = this.tokenizer.decode(prompt);
      const said = this.tokenizer.decode(completion);
      const [, first = "", second = ""] = /<try>([\s\S]*)<try>([\s\S]*)<best>$/.exec(asked) ?? [];
      if (asked.endsWith("<best>")) {
        const better = countStatements(first) <= countStatements(second) === this.isRight ? "A" : "B";
        return Float32Array.of((said === better ? -0.3 : -1.5) + (said === "A" ? 0.1 : 0));
      }
      if (said !== "ok") return plain[index] as Float32Array;
      const [, program = ""] = /<try>([\s\S]*)<check>$/.exec(asked) ?? [];
      return Float32Array.of(countStatements(program) > MOST ? -3 : -0.1, -1);
    });
  }
}

const FEW: Partial<RlaifConfig> = {
  ...{
    laws: LAW,
    programs: 24,
    fineTuneSteps: 2,
    batch: 6,
    comparisons: 40,
    proposals: 6,
    samples: 4,
    klCoefficient: 0,
  },
};

async function prepared(config: Partial<RlaifConfig> = {}, changes: Partial<Step<RlaifConfig>> = {}) {
  const policy = new JudgingModel();
  const step = scriptedStep(rlaif, { ...FEW, ...config }, { policy, reference: policy, ...changes });
  const { events } = await drain(rlaif.prepare(step));
  return { step, policy, events, revisions: step.memory.get("revisions") as { reference: string; text: string }[] };
}

const metricsOf = (events: readonly StageEvent[]) =>
  events.flatMap((event) => (event.type === "stage.metrics" ? [event.metrics] : []))[0];
const kept = ({ text }: { text: string }) => countStatements(text.split("<in>")[0] ?? "") <= MOST;

describe("constitutional AI, before the first step,", () => {
  it("criticises every program, and revises those that break a law until all keep it", async () => {
    const { events, revisions } = await prepared();
    const critiques = events.flatMap((one) =>
      one.type === "rollout.sample" && one.prompt.kind === "critic" ? [one] : [],
    );
    expect(critiques.length).toBe(24);
    const faulty = critiques.filter(({ sample }) => sample.text !== "ok");
    expect(faulty.length).toBeGreaterThan(3);
    const fixes = events.flatMap((one) =>
      one.type === "rollout.sample" && one.prompt.text.startsWith("<fix>") ? [one] : [],
    );
    expect(fixes).toHaveLength(faulty.length);
    for (const { prompt } of fixes) expect(prompt.text).toMatch(/<check>(?:x=x|return).*<new>$/);
    expect(revisions.length).toBeGreaterThan(15);
    expect(revisions.every(kept)).toBe(true);
  });

  it("asks for revisions of everything where the critique is left out", async () => {
    const { events } = await prepared({ critique: false });
    const fixes = events.flatMap((one) =>
      one.type === "rollout.sample" && one.prompt.text.startsWith("<fix>") ? [one] : [],
    );
    expect(fixes).toHaveLength(24);
    expect(fixes.every(({ prompt }) => prompt.text.endsWith("<check><new>"))).toBe(true);
    expect(events.some((one) => one.type === "rollout.sample" && one.prompt.kind === "critic")).toBe(false);
  });

  it("refuses a law that it does not know, and writes events that a log can hold", async () => {
    await expect(prepared({ laws: "%,never" })).rejects.toThrow("there is no law “never”");
    const { events } = await prepared();
    for (const event of events.filter((one) => one.type !== "stage.metrics")) {
      const timed = { ...event, step: -1, ms: 1 } as TrainEvent;
      if (isLogged(timed)) expect(faultOf(timed)).toBeNull();
    }
  });
});

describe("its supervised part", () => {
  it("learns revisions as answers to prompts in which no law stands", async () => {
    const { step, policy, revisions } = await prepared();
    const { result, events } = await drain(rlaif.collect(step));
    const [lesson] = result;
    expect(lesson?.loss).toEqual({ kind: "likelihood" });
    expect(lesson?.learningRate).toBe(step.config.fineTuneRate);
    expect(lesson?.sequences.map(({ completion }) => policy.tokenizer.decode(completion))).toEqual(
      revisions.slice(0, 6).map(({ text }) => `${text}<eos>`),
    );
    for (const { prompt } of lesson?.sequences ?? []) {
      const text = policy.tokenizer.decode(prompt);
      expect(text).toMatch(/^<pded>def f\(x\):[\s\S]*<new>$/);
      expect(text).not.toContain("<law>");
    }
    expect(events.filter(({ type }) => type === "rollout.sample")).toHaveLength(6);
    const last = await drain(rlaif.collect({ ...step, index: 1 }));
    expect(last.result[0]?.learningRate).toBeCloseTo(step.config.fineTuneRate / 10, 12);
  });
});

describe("its reinforcement learning", () => {
  const learned = async (config: Partial<RlaifConfig> = {}) => {
    const { step } = await prepared(config);
    const late = { ...step, index: 2 };
    return { step: late, ...(await drain(rlaif.collect(late))) };
  };

  it("pays what its own judgements like, whatever the place of the liked one", async () => {
    const { step, events, result } = await learned();
    expect(result[0]?.loss.kind).toBe("policy-gradient");
    const agreement = step.memory.get("agreement") as { value: number; n: number };
    expect(agreement.value).toBe(1);
    expect(agreement.n).toBeGreaterThan(3);
    const samples = creditedGroups(events).flatMap((group) => group.samples);
    const valid = samples.filter(({ verdict, reward }) => verdict?.verdict === "VALID" && reward > -3);
    const byLength = (least: number, most: number) =>
      valid
        .filter(({ text }) => countStatements(text) >= least && countStatements(text) <= most)
        .map(({ reward }) => reward);
    expect(Math.min(...byLength(1, 1))).toBeGreaterThan(Math.max(...byLength(3, 3)));
    for (const { verdict, reward } of samples) if (verdict?.verdict !== "VALID") expect(reward).toBe(-3);
    const metrics = metricsOf(events);
    expect(metrics?.["laws/breaks/two"]).toBeCloseTo(1 - (metrics?.["laws/kept"] ?? Number.NaN), 12);
    expect(metrics).toMatchObject({
      "laws/unique": expect.any(Number),
      "laws/breaks/modulo": 0,
      "laws/breaks/lists": 1,
    });
  });

  it("is misled by shuffled labels, while the agreement of the judge's own is reported", async () => {
    const weights = ({ step }: { step: Step<RlaifConfig> }) =>
      (step.memory.get("reward-model") as { head: { weights: number[] } }).head.weights[0] ?? 0;
    const [told, shuffled] = [await learned(), await learned({ labels: "shuffled" })];
    expect(Math.abs(weights(shuffled))).toBeLessThan(Math.abs(weights(told)) / 2);
    expect(shuffled.step.memory.get("agreement")).toEqual(told.step.memory.get("agreement"));
  });

  it("pays the judge's own probability where it is asked directly, and fits nothing", async () => {
    const { step, events } = await learned({ direct: true });
    const rewards = creditedGroups(events).flatMap(({ samples }) => samples.filter(({ reward }) => reward > -3));
    for (const { text, reward } of rewards)
      expect(reward).toBeCloseTo(
        countStatements(text.split("<in>")[0] ?? "") > MOST ? Math.exp(-3) : Math.exp(-0.1),
        6,
      );
    expect(step.memory.has("reward-model")).toBe(false);
  });

  it("gives the same step of the same seed, and goes on from its memory", async () => {
    const [one, other] = [await learned(), await learned()];
    expect(one.events).toEqual(other.events);
    // A checkpoint holds the memory as JSON.
    const memory = new Map<string, Json>(JSON.parse(JSON.stringify([...one.step.memory])));
    const again = await drain(rlaif.collect({ ...one.step, index: 3, memory }));
    const unbroken = await drain(rlaif.collect({ ...one.step, index: 3 }));
    expect(again.events).toEqual(unbroken.events);
  });
});

describe("its measures", () => {
  it("are shares of what it writes, by law, with helpfulness beside", async () => {
    const { step } = await prepared();
    const { result } = await drain(rlaif.measure!(step));
    const share = (name: string) => result.find((one) => one.name === name)?.value ?? Number.NaN;
    expect(share("obedience")).toBeCloseTo(1 - share("breaks/two"), 12);
    expect(share("breaks/modulo")).toBe(0);
    expect(share("breaks/lists")).toBe(1);
    expect(share("proposals/valid")).toBeGreaterThan(0.5);
    expect(share("proposals/unique")).toBeGreaterThan(0.3);
    // The scripted model finds every fault and mends it.
    expect([share("critiques/right"), share("revisions/keeping")]).toEqual([1, 1]);
    for (const { name } of result) expect(name).toMatch(/^[a-zA-Z0-9]+(?:\/[a-zA-Z0-9]+)?$/);
  });

  it.each([
    ["sometimes", 0.5, (share: number) => share > 0.7],
    // A random answer is right now and then.
    ["hardly ever", 0, (share: number) => share < 0.2],
    ["always", 1, (share: number) => share === 0],
  ])("count tasks that the untrained policy solves %s", async (_, skill, isRight) => {
    const { step, policy } = await prepared();
    policy.skill = skill;
    const { result } = await drain(rlaif.measure!(step));
    const learnable = result.find(({ name }) => name === "proposals/learnable");
    expect(learnable?.n).toBeGreaterThan(20);
    expect(isRight(learnable?.value ?? Number.NaN)).toBe(true);
  });

  it("count critiques and revisions by their law, whatever the constitution teaches", async () => {
    // Under a law that it never finds fault with, and that no program of it keeps.
    const { step } = await prepared({ laws: "[" });
    expect(step.memory.get("critiques")).toEqual({ right: 0, n: 24 });
    expect(step.memory.has("revised")).toBe(false);
    const blind = await prepared({ laws: "[", critique: false });
    expect(blind.step.memory.has("critiques")).toBe(false);
    const revised = blind.step.memory.get("revised") as { right: number; n: number };
    expect(revised.n).toBeGreaterThan(10);
    expect(revised.right).toBe(0);
  });

  it("count labels of pairs of which one keeps the law alone", () => {
    const [law] = constitutionOf("%");
    const pairs = [
      { a: 0, b: 1, law: law!, label: 0.9 },
      { a: 1, b: 0, law: law!, label: 0.6 },
      { a: 1, b: 2, law: law!, label: 0.9 },
    ];
    expect(agreementOf(pairs, ["return x", "return x%2", "return x%3"])).toEqual({ value: 0.5, n: 2 });
  });
});
