import { describe, expect, it } from "vitest";
import { type Group, KelvinError, type Sample, type StageEvent, type Task } from "../../src/contracts";
import { ladder } from "../../src/methods/ladder";
import { type Climb, climbed, drawRungs, rungsOf } from "../../src/methods/ladder-rungs";
import { loadTokenizer } from "../../src/model/tokenizer";
import { tokenizerJson } from "../../src/pretrain/architecture";
import { createRng } from "../../src/rollout/rng";
import { readBuffer } from "../../src/tasks/buffer";
import { easierByRule } from "../../src/tasks/easier";
import { antiderivativeOf } from "../../src/tasks/integrals";
import { ROOTS } from "../../src/tasks/roots";
import { termsOf } from "../../src/tasks/terms";
import { isComplete, rightLines } from "../../src/tasks/traces";
import { drain, FakeVerifier, runProgram, type Script, ScriptedModel, selfPlay } from "../train/scripted";
import { creditedGroups, scriptedStep } from "./world";

const task = (statements: number, name = 0): Task => ({
  ...{
    id: `${statements}/${name}`,
    type: "deduction",
    program: `def f(x):\n${" x=x+1\n".repeat(statements - 1)} return x+2`,
  },
  ...{ pairs: [{ input: "1", output: "9" }], message: "", statements, step: -1, normalized: `${statements}/${name}` },
});

/** A verifier that runs straight-line arithmetic; roots with other statements become sums, so that all of them run. */
class Straight extends FakeVerifier {
  override propose(jobs: Parameters<FakeVerifier["propose"]>[0]) {
    return super
      .propose(jobs.map((job) => ({ ...job, program: straight(job.program) })))
      .then((results) => results.map((result, index) => ({ ...result, normalized: jobs[index]?.program ?? "" })));
  }
  override run(jobs: Parameters<FakeVerifier["run"]>[0]) {
    return super.run(jobs.map((job) => ({ ...job, program: straight(job.program) })));
  }
}

/** Every statement that the fake cannot run adds one. */
function straight(program: string): string {
  return program
    .split("\n ")
    .map((line) =>
      /^(?:def f\(x\):|(?:x=|return )x(?:[-+*]\d+)?)$/.test(line)
        ? line
        : /^return/.test(line)
          ? "return x+1"
          : "x=x+1",
    )
    .join("\n ");
}

/** Leaves the first statement out; works tasks out in full, or answers at once. */
function climber(traces: boolean): Script {
  return (prompt, rng, skill) => {
    const easy = /^<easy>def f\(x\):\n .*?\n ([\s\S]*)<in>(.*)<new>$/.exec(prompt);
    if (easy) return `def f(x):\n ${easy[1]}<in>${easy[2]}`;
    const solve = /^<ded>([\s\S]*)<in>(.*)<out>(?:<think>)?$/.exec(prompt);
    if (!solve) return selfPlay(prompt, rng, skill);
    const answer = runProgram(straight(solve[1] ?? ""), solve[2] ?? "");
    const lines = (solve[1] ?? "")
      .split("\n ")
      .slice(1)
      .map((line) => `\n ${line}#0`);
    if (prompt.endsWith("<think>")) return `${traces ? lines.join("") : ""}<ans>${answer}`;
    return traces && rng.next() < 0.5 ? `<think>${lines.join("")}<ans>${answer}` : `<ans>${answer}`;
  };
}

/** Has room for eight lines. */
const planned = (script: Script) => Object.assign(new ScriptedModel(script), { longestCompletion: 400 });

async function prepared(config: Partial<typeof ladder.defaults> = {}, traces = true) {
  const few = { roots: 2, depth: 3, branches: 2, tasks: 4, rejectRedundant: false, order: "rungs" as const, ...config };
  const step = scriptedStep(ladder, few, { policy: planned(climber(traces)), verifier: new Straight() });
  const { events } = await drain(ladder.prepare(step));
  return { step, events, tasks: readBuffer(step.memory, "deduction") };
}

const added = (events: readonly StageEvent[]) =>
  events.flatMap((event) => (event.type === "task.add" ? [event.task] : []));

describe("the tree of variants", () => {
  it("begins with the roots; every variant has its parent, and none is longer", async () => {
    const { events, tasks } = await prepared();
    expect(added(events)).toEqual(tasks);
    expect(tasks.slice(0, 2).map(({ id, statements, parent }) => [id, statements, parent])).toEqual([
      ["root/0", 8, undefined],
      ["root/1", 8, undefined],
    ]);
    const byId = new Map(tasks.map((one) => [one.id, one]));
    expect(tasks.length).toBe(8);
    for (const { parent, statements } of tasks.slice(2))
      expect(statements).toBe((byId.get(parent ?? "")?.statements ?? 0) - 1);
  });

  it("is made by rule where it is told to, for any policy", async () => {
    const { tasks } = await prepared({ variants: "rules", branches: 6 });
    expect(tasks.length).toBeGreaterThan(8);
    for (const { statements } of tasks.slice(2)) expect(statements).toBeLessThan(8);
  });

  it("is the roots alone without variants", async () => {
    expect((await prepared({ variants: "none" })).tasks.map(({ id }) => id)).toEqual(["root/0", "root/1"]);
  });

  it("asks no model that never learned the format", async () => {
    const policy = new ScriptedModel(climber(true));
    const stranger = Object.assign(policy, { chat: (text: string) => text });
    const step = scriptedStep(ladder, {}, { policy: stranger, verifier: new Straight() });
    await expect(drain(ladder.prepare(step))).rejects.toThrow(KelvinError);
    await expect(drain(ladder.prepare(step))).rejects.toThrow(/easier.*|variants=rules/);
  });

  it("is never larger than what is kept, so that no root leaves", async () => {
    await expect(prepared({ roots: 30, branches: 40, depth: 5 })).rejects.toThrow(
      /up to 6030 tasks, and 6000 are kept/,
    );
  });

  it("has thirty roots of eight statements, no two alike", () => {
    expect(ROOTS.length).toBe(30);
    expect(new Set(ROOTS.map(({ program }) => program)).size).toBe(30);
    for (const { program } of ROOTS) expect(program.split("\n ").length).toBe(9);
  });
});

describe("variants by rule", () => {
  const PROGRAM = "def f(x):\n x=x+3\n x=x*2\n return x-1";
  it("leave statements out or stop early, and never lose the return", () => {
    const drawn = new Set(Array.from({ length: 200 }, (_, seed) => easierByRule(PROGRAM, createRng(seed))));
    expect(drawn).toContain("def f(x):\n x=x*2\n return x-1");
    expect(drawn).toContain("def f(x):\n x=x+3\n return x*2");
    expect(drawn).toContain("def f(x):\n return x-1");
    for (const program of drawn) expect(program).toMatch(/^def f\(x\):\n (?:x=.*\n )*return [^\n]+$/);
    expect(easierByRule("def f(x):\n return x-1", createRng(1))).toBeNull();
  });
});

describe("rungs", () => {
  const tasks = [2, 3, 5, 8].flatMap((statements) => Array.from({ length: 6 }, (_, name) => task(statements, name)));
  const tried = (statements: number, right: number): Group => ({
    prompt: {
      id: "p",
      kind: "solver/deduction",
      text: "",
      tokens: new Int32Array(),
      maxNewTokens: 1,
      task: task(statements),
    },
    samples: Array.from({ length: 10 }, (_, index) => ({ id: `${index}`, reward: index < right ? 1 : 0 }) as Sample),
  });
  const solved = (_: Group, { reward }: Sample) => reward === 1;
  const climbing = (climb: Climb, ...rates: readonly number[]) =>
    rates.reduce((now, right) => climbed(now, tasks, [tried(now.open, right)], solved), climb);

  it("are lengths that have tasks; few are passed over, but never the highest", () => {
    expect(rungsOf(tasks)).toEqual([2, 3, 5, 8]);
    expect(rungsOf([...tasks, task(4), task(9)])).toEqual([2, 3, 5, 8, 9]);
  });

  it("open when six of ten are solved, smoothed, one after another", () => {
    const start = { open: 2, rates: {} };
    expect(climbing(start, 5).open).toBe(2);
    // .6 · .5 + .4 · .7 = .58, then .6 · .58 + .4 · .7 = .628.
    expect(climbing(start, 5, 7)).toEqual({ open: 2, rates: { 2: expect.closeTo(0.58, 12) } });
    expect(climbing(start, 5, 7, 7).open).toBe(3);
    expect(climbing(start, 6, 9).open).toBe(5);
    expect(climbing({ open: 8, rates: {} }, 10).open).toBe(8);
  });

  it("give half of a step's tasks from the open rung and half from below; mixed, from all", () => {
    const counts = (open: number, order: "rungs" | "mixed") => {
      const drawn = drawRungs(tasks, { open, rates: {} }, order, 8, createRng(3));
      return [2, 3, 5, 8].map((rung) => drawn.filter(({ statements }) => statements === rung).length);
    };
    expect(counts(2, "rungs")).toEqual([6, 0, 0, 0]);
    expect(counts(5, "rungs")[2]).toBe(4);
    expect(counts(5, "rungs")[3]).toBe(0);
    expect(counts(2, "mixed").reduce((a, b) => a + b)).toBe(8);
    expect(counts(2, "mixed")[3]).toBeGreaterThan(0);
  });
});

describe("a step of LADDER", () => {
  it("pays right answers with a whole trace, and bare ones no more than wrong ones", async () => {
    const { step } = await prepared();
    const { events, result } = await drain(ladder.collect(step));
    const samples = creditedGroups(events).flatMap((group) => group.samples);
    expect(new Set(samples.map(({ text, reward }) => `${text.startsWith("<think>")} ${reward}`))).toEqual(
      new Set(["true 1", "false -0.5"]),
    );
    expect(result[0]?.sequences.length).toBeGreaterThan(0);
    expect(result[0]?.loss).toMatchObject({ kind: "policy-gradient", klCoefficient: 0 });
  });

  it("pays the answer alone where it is told to, which is the control", async () => {
    const { step } = await prepared({ reward: "answer" });
    const { events } = await drain(ladder.collect(step));
    expect(creditedGroups(events).flatMap((group) => group.samples.map(({ reward }) => reward))).not.toContain(-0.5);
  });

  it("pays the share of right lines in its first steps, if there are such", async () => {
    const { step } = await prepared({ denseSteps: 1 });
    const first = await drain(ladder.collect(step));
    const rewards = new Set(creditedGroups(first.events).flatMap((group) => group.samples.map(({ reward }) => reward)));
    expect(rewards).toEqual(new Set([1, 0]));
    const later = await drain(ladder.collect({ ...step, index: 1 }));
    expect(creditedGroups(later.events).flatMap((group) => group.samples.map(({ reward }) => reward))).toContain(-0.5);
  });

  it("tells the rung, and opens the next when this one is solved", async () => {
    const { step } = await prepared({ reward: "answer", roots: 4 });
    const rungs: number[] = [];
    for (let index = 0; index < 3; index++) {
      const { events } = await drain(ladder.collect({ ...step, index }));
      for (const event of events) if (event.type === "stage.metrics") rungs.push(event.metrics["ladder/rung"] ?? 0);
    }
    expect(rungs[0]).toBeLessThan(8);
    expect(rungs).toEqual([...rungs].sort((a, b) => a - b));
    expect(new Set(rungs).size).toBeGreaterThan(1);
  });

  it("measures how many of the roots are solved with a whole trace", async () => {
    const { step } = await prepared({}, false);
    const skilled = (await prepared()).step;
    expect((await drain(ladder.measure?.(skilled) as never)).result).toEqual([
      { name: "roots/solved", value: 1, n: 2 },
    ]);
    expect((await drain(ladder.measure?.(step) as never)).result).toEqual([{ name: "roots/solved", value: 0, n: 2 }]);
  });
});

describe("LADDER on integrals", () => {
  const tokenizer = loadTokenizer(
    tokenizerJson({ size: "nano", domain: "integrals", long: 0, easy: 0.1, judge: 0, gaps: 0 }),
  );
  /** Leaves the last term out; integrates, or forgets the last term half of the time. */
  const reader: Script = (prompt, rng) => {
    const easy = /^<easy>(.*)<new>$/u.exec(prompt)?.[1];
    if (easy !== undefined) return termsOf(easy).slice(0, -1).join("") || "x";
    const integrand = /^<int>(.*)<out>$/u.exec(prompt)?.[1] ?? "";
    const shorter = termsOf(integrand).slice(0, -1).join("");
    return `<ans>${antiderivativeOf(rng.next() < 0.5 ? integrand : shorter) || "7"}`;
  };

  async function grown(config: Partial<typeof ladder.defaults> = {}) {
    const policy = Object.assign(new ScriptedModel(reader), { tokenizer });
    const few = { roots: 3, depth: 3, branches: 2, tasks: 6, ...config };
    const step = scriptedStep(ladder, few, { policy, verifier: new FakeVerifier() });
    const { events } = await drain(ladder.prepare(step));
    return { step, events, tasks: readBuffer(step.memory, "integration") };
  }

  it("grows a tree of shorter integrals below roots of eight terms", async () => {
    const { tasks, events } = await grown();
    expect(tasks.slice(0, 3).map(({ type, statements, parent }) => [type, statements, parent])).toEqual(
      [0, 1, 2].map(() => ["integration", 8, undefined]),
    );
    expect(tasks.slice(3).map(({ statements }) => statements)).toEqual([7, 7, 7, 6, 6, 6, 5, 5, 5]);
    for (const { program, parent } of tasks.slice(3)) {
      const from = tasks.find(({ id }) => id === parent)?.program ?? "";
      expect(program).toBe(termsOf(from).slice(0, -1).join(""));
    }
    // The second variant of a parent is the same again.
    const verdicts = events.flatMap((event) => (event.type === "verify.verdict" ? [event.verdict.verdict] : []));
    expect(verdicts).toEqual(Array.from({ length: 9 }, () => ["VALID", "DUPLICATE"]).flat());
  });

  it("is made by rule too, and pays right functions only", async () => {
    const { step, tasks } = await grown({ variants: "rules", branches: 4 });
    expect(tasks.length).toBeGreaterThan(6);
    const { events, result } = await drain(ladder.collect(step));
    const samples = creditedGroups(events).flatMap(({ prompt, samples }) => samples.map((one) => ({ prompt, ...one })));
    expect(samples.length).toBe(48);
    for (const { prompt, text, reward } of samples) {
      const whole = text === `<ans>${antiderivativeOf(prompt.task?.program ?? "")}`;
      expect([text, reward]).toEqual([text, whole ? 1 : -0.5]);
    }
    expect(result[0]?.sequences.length).toBeGreaterThan(0);
    const { result: measures } = await drain(ladder.measure?.(step) as never);
    expect(measures).toEqual([{ name: "roots/solved", value: expect.any(Number), n: 3 }]);
  });
});

describe("a lesson by lines", () => {
  it("weighs tokens of traces, and needs as much of the loop as one by answers", async () => {
    const { step } = await prepared({ credit: "line" });
    const { result } = await drain(ladder.collect(step));
    const [lesson] = result;
    expect(lesson?.loss).toEqual({ kind: "likelihood" });
    const weights = lesson?.sequences.flatMap(({ weights = [] }) => [...weights]) ?? [];
    expect(weights.some((weight) => weight > 0)).toBe(true);
    expect(weights.some((weight) => weight < 0)).toBe(true);
  });

  it("has no KL term, and says so before anything is written", async () => {
    await expect(prepared({ credit: "line", klCoefficient: 0.001 })).rejects.toThrow("credit=line has no KL term");
  });
});

describe("test-time reinforcement learning", () => {
  const few = { roots: 2, depth: 3, branches: 2, tasks: 3, stepsPerRoot: 2 };

  /** Runs a number of steps; says at which the weights were rolled back, what was asked, and what was measured at the end. */
  async function tested(traces: boolean, steps = 4) {
    const rolledBack: number[] = [];
    const { step: first } = await prepared({ ...few, variants: "own" }, traces);
    const asked: string[][] = [];
    for (let index = 0; index < steps; index++) {
      const rollBack = async () => void rolledBack.push(index);
      const { events } = await drain(ladder.collect({ ...first, index, steps, rollBack }));
      const trained = events.flatMap((event) => (event.type === "rollout.sample" ? (event.prompt.task?.id ?? []) : []));
      asked.push([...new Set(trained)]);
    }
    const measured = await drain(ladder.measure?.({ ...first, index: steps, steps }) as never);
    return { rolledBack, asked, measures: measured.result, tasks: readBuffer(first.memory, "deduction") };
  }

  it("practises each root's own shorter variants in its turn, and rolls the weights back before each", async () => {
    const { rolledBack, asked, tasks } = await tested(false);
    expect(rolledBack).toEqual([0, 2]);
    const byId = new Map(tasks.map((one) => [one.id, one]));
    const rootOf = (id: string): string =>
      byId.get(id)?.parent === undefined ? id : rootOf(byId.get(id)?.parent ?? "");
    const roots = tasks.filter(({ parent }) => parent === undefined).map(({ id }) => id);
    for (const [index, ids] of asked.entries()) {
      expect(ids.length).toBeGreaterThan(0);
      for (const id of ids) {
        expect(rootOf(id)).toBe(roots[Math.floor(index / 2)]);
        expect(byId.get(id)?.statements).toBeLessThan(8);
      }
    }
  });

  it("tells the right at the end, the ever right, and what as many answers of the base come to", async () => {
    expect((await tested(false)).measures).toEqual(
      ["end", "ever", "direct"].map((name) => ({ name: `roots/${name}`, value: 0, n: 2 })),
    );
  });

  it("begins with roots that the policy does not solve", async () => {
    // This policy solves every root when it is made to show its work.
    await expect(prepared({ ...few, variants: "none" })).rejects.toThrow(/solves all of the roots/);
  });
});

describe("right lines", () => {
  const worked = "<think>\n x=x+3#7\n x=x*2#14\n return x-1#13<ans>13";
  it.each([
    ["<think>\n x=x+3#7\n x=x*2#14\n return x-1#13<ans>13", 1],
    ["<think>\n x=x+3#7\n x=x*2#15\n return x-1#13<ans>13", 1 / 3],
    ["<think>\n x=x*2#14\n return x-1#13<ans>13", 0],
    ["<ans>13", 0],
    ["", 0],
  ])("of %j are %d", (text, share) => {
    expect(rightLines(text, worked)).toBeCloseTo(share, 12);
    const prompt = { id: "", kind: "solver/deduction", text: "", tokens: new Int32Array(), maxNewTokens: 1 };
    expect(
      isComplete({ ...prompt, task: { ...task(3), program: "def f(x):\n x=x+3\n x=x*2\n return x-1" } }, { text }),
    ).toBe(share > 0);
  });
});
