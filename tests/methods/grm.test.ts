import { describe, expect, it } from "vitest";
import {
  freshState,
  type Json,
  type Measure,
  type Method,
  type MethodConfig,
  type RunConfig,
  type TrainEvent,
} from "../../src/contracts";
import { parseSuite } from "../../src/evaluate/suite";
import { configure } from "../../src/methods";
import { type GrmConfig, grm } from "../../src/methods/grm";
import { formSays, pairsOf, type Query, readQueries } from "../../src/methods/grm-queries";
import { hintedText, keptOf } from "../../src/methods/grm-tuning";
import { createRng } from "../../src/rollout/rng";
import { parseJudgement } from "../../src/tasks/judgements";
import { train } from "../../src/train";
import { drain, runProgram, type Script, ScriptedModel, selfPlay } from "../train/scripted";
import { world } from "../train/world";
import { creditedGroups, scriptedStep } from "./world";

/** Whether a try at a question is right, as the fake verifier has it. */
function isRight(question: string, tried: string): boolean {
  const answer = tried.split("<ans>").at(-1) ?? "";
  const deduction = /^<ded>([\s\S]*)<in>(.*)<out>$/.exec(question);
  if (deduction) return runProgram(deduction[1] ?? "", deduction[2] ?? "") === answer;
  const abduction = /^<abd>([\s\S]*)<out>(.*)<in>$/.exec(question);
  if (abduction) return runProgram(abduction[1] ?? "", answer) === abduction[2];
  return tried !== "nonsense" && answer !== "def f(x)";
}

/** Plays like `selfPlay`, and judges rightly with probability `eye`; a worked judgement names the try. */
const judging =
  (eye: number): Script =>
  (prompt, rng, skill) => {
    const asked = /^<judge>([\s\S]*)<try>([\s\S]*?)(<rule>|<check>|<score>|<rule>[a-z]+<check>)$/.exec(prompt);
    if (!asked) return selfPlay(prompt, rng, skill);
    const [, question = "", tried = "", start = ""] = asked;
    const sees = rng.next() < eye;
    const score = isRight(question, tried) === sees ? 7 + rng.below(3) : rng.below(4);
    const check = `\n ${tried.replaceAll(/<[a-z]+>/g, "")}#1ok`;
    if (start === "<score>") return String(score);
    return `${start === "<rule>" ? "valuelines<check>" : ""}${check}<score>${score}`;
  };

class SeeingJudge extends ScriptedModel {
  async features(sequences: readonly { completion: Int32Array }[]): Promise<Float32Array[]> {
    return sequences.map(({ completion }) => Float32Array.of(completion.length, completion.at(-2) ?? 0));
  }
}

const FEW: Partial<GrmConfig> = {
  ...{ queries: 48, fineTuneSteps: 2, tasks: 4, exam: 12, votes: 8, metaQueries: 8, longTasks: 4 },
};

async function prepared(config: Partial<GrmConfig> = {}, eye = 0.75) {
  const policy = new SeeingJudge(judging(eye));
  const step = scriptedStep(grm, { ...FEW, ...config }, { policy, reference: policy, index: 2 });
  await drain(grm.prepare(step));
  return { step, policy };
}

const find = (measures: readonly Measure[], name: string) => measures.find((one) => one.name === name)?.value;

describe("grm, before the first step,", () => {
  it("makes queries of all kinds, each with a better and a worse try of its own, and keeps an exam apart", async () => {
    const { step } = await prepared();
    const [queries, exam] = [readQueries(step.memory, "queries"), readQueries(step.memory, "exam")];
    expect(exam).toHaveLength(12);
    expect(queries.length).toBeGreaterThan(24);
    const ids = [...queries, ...exam].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(queries.map(({ kind }) => kind))).toEqual(
      new Set(["deduction", "abduction", "induction", "proposal"]),
    );
    for (const { kind, question, better, worse } of queries) {
      expect(better.right).toBe(true);
      expect(better.text).not.toBe(worse.text);
      if (kind === "deduction" || kind === "abduction") {
        expect(isRight(question, better.text)).toBe(true);
        expect(isRight(question, worse.text)).toBe(worse.right);
      }
    }
  });

  it("prefers a complete trace to a bare answer, and leaves out what the rules cannot tell apart", () => {
    const tried = (text: string, right: boolean, complete: boolean) => ({ text, right, complete, statements: 0 });
    const query = { id: "q", kind: "deduction" as const, question: "" };
    const of = (tries: ReturnType<typeof tried>[]) => pairsOf([{ ...query, tries }], createRng(1));
    expect(of([tried("bare", true, false), tried("worked", true, true)])[0]).toMatchObject({
      ...{ better: { text: "worked" }, worse: { text: "bare" } },
    });
    expect(of([tried("a", true, true), tried("b", true, true)])).toEqual([]);
    // Where both forms have a right and a wrong try, most pairs are of one form, and of each form some.
    const all = ["<think>right", "<think>wrong", "right", "wrong"].map((text) =>
      tried(text, text.endsWith("right"), false),
    );
    const pairs = Array.from({ length: 200 }, (_, seed) => pairsOf([{ ...query, tries: all }], createRng(seed))[0]!);
    const traced = ({ text }: { text: string }) => text.startsWith("<think>");
    const same = pairs.filter(({ better, worse }) => traced(better) === traced(worse));
    expect(same.length).toBeGreaterThan(150);
    expect(same.length).toBeLessThan(200);
    for (const form of [true, false])
      expect(same.filter(({ better }) => traced(better) === form).length).toBeGreaterThan(50);
    // A rule that sees the form alone is right about half of them.
    const long = { ...tried("right, and longer", true, false) };
    const some = [...all, long, tried("wrong, and longer", false, false)];
    const chosen = Array.from({ length: 400 }, (_, seed) => pairsOf([{ ...query, tries: some }], createRng(seed))[0]!);
    const told = chosen.reduce((sum, { better, worse }) => sum + (1 + formSays(better, worse)) / 2, 0) / chosen.length;
    expect(Math.abs(told - 0.5)).toBeLessThan(0.1);
    expect(of([tried("a", false, true), tried("b", false, false)])).toEqual([]);
    expect(of([])).toEqual([]);
  });

  it("keeps the rounds that were right of a query that was right once or twice of three times", () => {
    expect(keptOf([true, false, false])).toEqual([0]);
    expect(keptOf([true, false, true])).toEqual([0, 2]);
    expect(keptOf([false, false, false])).toEqual([]);
    expect(keptOf([true, true, true])).toEqual([]);
  });

  it("goes on with queries that were not always right, or with all if there is none", async () => {
    const open = async (eye: number) => {
      const { step } = await prepared({}, eye);
      const all = readQueries(step.memory, "queries").length;
      return { share: (step.memory.get("open") as readonly Json[]).length / all, lessons: step.memory.get("lessons") };
    };
    const sometimes = await open(0.75);
    expect(sometimes.share).toBeGreaterThan(0.3);
    expect(sometimes.share).toBeLessThan(1);
    const always = await prepared({ hints: "none" }, 1);
    // What never errs says nothing: pairs of two right tries alone are left, which this judge cannot tell apart.
    const stored = always.step.memory.get("lessons") as unknown as { query: string }[];
    const known = new Map(readQueries(always.step.memory, "queries").map((query) => [query.id, query]));
    for (const { query } of stored) expect((known.get(query) as Query).worse.right).toBe(true);
  });

  it("tells a hinted judge the score, and leaves its check as it was", () => {
    expect(hintedText("<rule>", "valuelines<check>\n x#1ok<score>2", 10)).toBe("valuelines<check>\n x#1ok<score>10");
    expect(hintedText("<rule>", "valuelines<check>\n x#1ok", 10)).toBeNull();
    expect(hintedText("<score>", "2", 8)).toBe("8");
  });

  it("needs a model that was taught to judge", async () => {
    const policy = new ScriptedModel(selfPlay);
    const plain = { ...policy.tokenizer, encode: (text: string) => Int32Array.from(text, (c) => c.charCodeAt(0)) };
    const step = scriptedStep(grm, FEW, { policy: Object.assign(policy, { tokenizer: plain }) });
    await expect(drain(grm.prepare(step))).rejects.toThrow(/never taught to judge/);
  });
});

describe("a step of grm", () => {
  it("reads its right judgements first: prompts that it was asked, answers that are right", async () => {
    const { step } = await prepared({ hints: "none" });
    const { result, events } = await drain(grm.collect({ ...step, index: 0 }));
    expect(result).toHaveLength(1);
    expect(result[0]?.loss).toEqual({ kind: "likelihood" });
    const read = events.flatMap((event) => (event.type === "rollout.sample" ? [event] : []));
    expect(read.length).toBe(result[0]?.sequences.length);
    expect(read.length).toBeGreaterThan(4);
    const scores = new Map<string, { better: number[]; worse: number[] }>();
    for (const { prompt, sample } of read) {
      const { query, isBetter } = prompt.about as { query: string; isBetter: boolean };
      const own = scores.get(query) ?? { better: [], worse: [] };
      own[isBetter ? "better" : "worse"].push(parseJudgement("<rule>", sample.text, "eos")?.score ?? -1);
      scores.set(query, own);
    }
    // Where one round is kept, its two judgements were read together: the better try has strictly more.
    const once = [...scores.values()].filter(({ better, worse }) => better.length === 1 && worse.length === 1);
    expect(once.length).toBeGreaterThan(3);
    for (const { better, worse } of once) expect(better[0]).toBeGreaterThan(worse[0] as number);
  });

  it("goes through all lessons twice in its first steps", async () => {
    const { step } = await prepared();
    const lessons = (step.memory.get("lessons") as readonly Json[]).length;
    const read = await Promise.all([0, 1].map((index) => drain(grm.collect({ ...step, index }))));
    const count = read.reduce((sum, { result }) => sum + (result[0]?.sequences.length ?? 0), 0);
    expect(count).toBe(2 * lessons);
  });

  it("then judges both tries of each query, and pays by which score is higher", async () => {
    const { step } = await prepared();
    const { result, events } = await drain(grm.collect(step));
    const groups = creditedGroups(events);
    expect(groups).toHaveLength(8);
    const loss = result[0]?.loss;
    expect(loss).toMatchObject({ kind: "policy-gradient", klCoefficient: 0.02 });
    for (let query = 0; query < 8; query += 2) {
      const [better, worse] = groups.slice(query, query + 2) as [(typeof groups)[0], (typeof groups)[0]];
      const scores = [better, worse].map(({ samples }) =>
        samples.map(({ text }) => parseJudgement("<rule>", text, "eos")?.score ?? -1),
      ) as [number[], number[]];
      better.samples.forEach(({ reward }, place) => {
        const won = scores[1].filter((low) => (scores[0][place] as number) > low).length;
        expect(reward).toBeCloseTo((2 * won) / 4 - 1, 10);
      });
      for (const { samples } of [better, worse]) {
        const mean = samples.reduce((sum, { reward }) => sum + reward, 0) / samples.length;
        for (const { reward, advantage } of samples)
          expect(Math.sign(advantage)).toBe(Math.abs(reward - mean) < 1e-9 ? 0 : Math.sign(reward - mean));
      }
    }
    const metrics = events.flatMap((event) => (event.type === "stage.metrics" ? [event.metrics] : []))[0] ?? {};
    expect(metrics["judge/parsed"]).toBe(1);
    expect(metrics["judge/right"]).toBeGreaterThan(0.3);
    expect((metrics["judge/right"] ?? 0) + (metrics["judge/ties"] ?? 0)).toBeLessThanOrEqual(1);
  });

  it("pays single tries by the threshold where it is told to", async () => {
    const { step } = await prepared({ reward: "threshold" });
    const { events } = await drain(grm.collect(step));
    for (const { prompt, samples } of creditedGroups(events))
      for (const { text, reward } of samples) {
        const { right } = prompt.about as { right: boolean };
        const score = parseJudgement("<rule>", text, "eos")?.score ?? -1;
        expect(reward).toBe(score >= 5 === right ? 1 : -1);
      }
  });

  it.each([
    [{ judgement: "score" }, /<score>$/],
    [{ principles: "none" }, /<check>$/],
    [{ principles: "random" }, /<rule>(?:valuelines|fitsshort|runsvaried)<check>$/],
  ] as const)("with %j asks so in every judgement", async (config, end) => {
    const { step, policy } = await prepared(config);
    policy.calls.length = 0;
    await drain(grm.collect(step));
    expect(policy.calls.flat().length).toBe(8);
    for (const prompt of policy.calls.flat()) expect(prompt).toMatch(end);
  });
});

describe("a solver in the judge's loop", () => {
  it("is paid a tenth of the frozen judge's mean score, and never by the verifier, whose verdicts make the gap", async () => {
    // This judge likes even answers.
    const fond: Script = (prompt, rng, skill) => {
      const tried = /^<judge>[\s\S]*<ans>(.*)<rule>$/.exec(prompt);
      if (!tried) return judging(1)(prompt, rng, skill);
      return `valuelines<check>\n x#1ok<score>${Number(tried[1]) % 2 === 0 ? 9 : 1 + rng.below(2)}`;
    };
    const [policy, reference] = [new SeeingJudge(judging(1)), new SeeingJudge(fond)];
    const step = scriptedStep(grm, { ...FEW, learner: "solver", samples: 6 }, { policy, reference });
    await drain(grm.prepare(step));
    const { events } = await drain(grm.collect(step));
    const groups = creditedGroups(events);
    expect(groups).toHaveLength(4);
    const samples = groups.flatMap((group) => group.samples);
    for (const { text, reward } of samples) {
      const answer = Number(text.split("<ans>").at(-1));
      if (answer % 2 === 0) expect(reward).toBeCloseTo(0.9, 10);
      else expect(reward).toBeLessThanOrEqual(0.2);
    }
    const right = samples.filter(({ verdict }) => verdict?.verdict === "CORRECT").length / samples.length;
    const approved = samples.filter(({ reward }) => reward >= 0.5).length / samples.length;
    const metrics = events.flatMap((event) => (event.type === "stage.metrics" ? [event.metrics] : []))[0];
    expect(metrics?.["solver/right"]).toBeCloseTo(right, 10);
    expect(metrics?.["solver/gap"]).toBeCloseTo(approved - right, 10);
    expect(right).not.toBe(approved);
    // The judge alone was asked to judge.
    expect(policy.calls.flat().some((prompt) => prompt.startsWith("<judge>"))).toBe(false);
    expect(reference.calls.flat().every((prompt) => prompt.startsWith("<judge>"))).toBe(true);
    expect(grm.needs({ ...step.config, klCoefficient: 0 })).toEqual({ reference: true });
  });
});

describe("an evaluation of grm", () => {
  it("finds that votes are right more often than one judgement, and its copies are not", async () => {
    const { step } = await prepared({ queries: 160, exam: 40 }, 0.8);
    const { result } = await drain(grm.measure!({ ...step, index: 0 }));
    const [one = 1, eight = 0] = [1, 8].map((k) => find(result, `judge/vote${k}`));
    expect(eight).toBeGreaterThan(one + 0.05);
    const copied = { ...step, index: 0, config: { ...step.config, copies: true } };
    const flat = (await drain(grm.measure!(copied))).result.filter(({ name }) => /^judge\/vote/.test(name));
    const sizes = flat.map(({ name }) => name);
    expect(sizes).toEqual([1, 2, 4, 8].map((k) => `judge/vote${k}`));
    expect(new Set(flat.map(({ value }) => value)).size).toBe(1);
  });

  it("measures what it can between the ends, and everything at them", async () => {
    const { step } = await prepared();
    const between = (await drain(grm.measure!({ ...step, index: 3 }))).result.map(({ name }) => name);
    expect(between).toContain("judge/greedy");
    expect(between.some((name) => /vote|meta/.test(name))).toBe(false);
    const last = (await drain(grm.measure!({ ...step, index: step.steps }))).result;
    for (const name of [
      "judge/vote8",
      "judge/parsed",
      "judge/repeated",
      "head/pairs",
      "form/pairs",
      "guided/vote8",
      "weighted/vote8",
      "meta/within",
    ])
      expect(find(last, name), name).toBeGreaterThan(0);
    expect(last.every(({ value, n }) => value >= 0 && value <= 1 && n > 0)).toBe(true);
    expect(find(last, "judge/parsed")).toBe(1);
  });

  it("sets the judge against the solver on long programs, where lucky answers are wrong", async () => {
    const program = "def f(x):\n x=x+1\n x=x+2\n x=x+3\n x=x+4\n return x+5";
    const row = (input: number) => ({ type: "deduction", program, input: `${input}`, output: `${input + 15}` });
    const rows = [1, 2, 3, 4].map((input) => JSON.stringify({ ...row(input), statements: 5 }));
    const suites = [parseSuite("fresh-long-5", rows.join("\n")), parseSuite("in-distribution", rows.join("\n"))];
    const lines = (input: string) => {
      const sums = [1, 3, 6, 10].map((sum) => Number(input) + sum);
      return [1, 2, 3, 4].map((c, place) => `\n x=x+${c}#${sums[place]}`).join("");
    };
    const script: Script = (prompt, rng, skill) => {
      const asked = /^<ded>def f\(x\):\n x=x\+1\n x=x\+2[\s\S]*<in>(\d+)<out><think>$/.exec(prompt);
      if (!asked) return judging(1)(prompt, rng, skill);
      const [right, skips] = [rng.next() < 0.5, rng.next() < 0.3];
      const answer = Number(asked[1]) + (right ? 15 : 20 + rng.below(9));
      return `${skips ? "" : lines(asked[1] ?? "")}\n return x+5#${answer}<ans>${answer}`;
    };
    const { step } = await prepared();
    const policy = new SeeingJudge(script);
    const { result } = await drain(grm.measure!({ ...step, suites, policy, index: 0 }));
    const names = result.map(({ name }) => name).filter((name) => name.startsWith("long"));
    expect(names).toEqual(["long5/solver", "long5/judge", "long5/picked", "long5/alone"]);
    // It sees which values are right, and so takes lucky answers for right, which the measure does not.
    expect(find(result, "long5/judge")).toBeGreaterThan(0.4);
    expect(find(result, "long5/alone")).toBeLessThan(1);
    expect(find(result, "long5/alone")).toBeGreaterThan(0.7);
    expect(find(result, "long5/solver")).toBeLessThan(0.9);
  });
});

describe("a run of grm", () => {
  const run: RunConfig = {
    ...{ method: "grm", model: "scripted", seed: 3, steps: 4, overrides: {}, evaluateTasks: 2, evaluateEvery: 2 },
  };
  const method = grm as unknown as Method;
  const config = configure(method, FEW as MethodConfig);
  const timeless = (events: readonly TrainEvent[]) =>
    events
      .filter(({ type }) => !type.startsWith("live."))
      .map((event) => JSON.parse(JSON.stringify({ ...event, ms: 0, timings: {} })));
  const worldOf = (model = new SeeingJudge(judging(0.75))) =>
    world({ policy: model, learner: model, reference: model });

  it("is the same for the same seed, and goes on from any step as if it had never stopped", async () => {
    const whole = timeless((await drain(train(method, config, run, worldOf()))).events);
    expect(timeless((await drain(train(method, config, run, worldOf()))).events)).toEqual(whole);
    for (const cut of [1, 2, 3]) {
      const first = new SeeingJudge(judging(0.75));
      const state = freshState();
      const before: TrainEvent[] = [];
      for await (const event of train(method, config, run, worldOf(first), state)) {
        before.push(event);
        if (state.step === cut) break;
      }
      const saved = JSON.parse(JSON.stringify({ ...state, memory: [...state.memory] }));
      const second = new SeeingJudge(judging(0.75));
      second.skill = first.skill;
      const resumed = train(method, config, run, worldOf(second), { ...saved, memory: new Map(saved.memory) });
      expect([...timeless(before), ...timeless((await drain(resumed)).events)]).toEqual(whole);
    }
  });
});
