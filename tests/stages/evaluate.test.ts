import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { grouped, KelvinError, type Policy, shareIn } from "../../src/contracts";
import { evaluate } from "../../src/evaluate/evaluate";
import type { SuiteMeasure } from "../../src/evaluate/measures";
import { firstTasks, normalizeTasks, parseSuite, tasksOf } from "../../src/evaluate/suite";
import { createRng } from "../../src/rollout/rng";
import { drain, FakeVerifier, runProgram, type Script, ScriptedModel } from "../train/scripted";

const programs = ["def f(x):\n return x+3", "def f(x):\n x=x+1\n return x-5"];
const rows = Array.from({ length: 10 }, (_, index) => {
  const program = programs[index % 2] ?? "";
  return {
    type: index < 6 ? "deduction" : "abduction",
    program,
    input: "8",
    output: runProgram(program, "8"),
    statements: 1,
  };
});
const induction = {
  type: "induction",
  program: programs[0],
  inputs: ["1", "2", "3", "4", "5"],
  outputs: ["4", "5", "6", "7", "8"],
  statements: 1,
};
const jsonl = [...rows, induction].map((row) => JSON.stringify(row)).join("\n");
const suite = parseSuite("s", jsonl);

/** Knows additions, works subtractions out only in a trace, and never reverses. */
const student: Script = (prompt, rng) => {
  const [, program = "", input = ""] = /^<ded>([\s\S]*)<in>(.*)<out>/.exec(prompt) ?? [];
  if (prompt.startsWith("<ind>")) return `<ans>${programs[0]}`;
  if (program === "") return "<ans>0";
  const begun = prompt.endsWith("<think>");
  const trace = begun || rng.next() < 0.5;
  const answer = trace || !program.includes("-") ? runProgram(program, input) : "0";
  return `${trace && !begun ? "<think>\n" : ""}<ans>${answer}`;
};

const options = (policy: Policy) => ({
  policy,
  verifier: new FakeVerifier(),
  rng: createRng(4),
  samples: 1,
  forcedTrace: true,
});

describe("suites", () => {
  it("read the held-out files' lines of all types", () => {
    const fixture = parseSuite("fixture", readFileSync("tests/stages/fixtures/heldout.jsonl", "utf8"));
    expect(fixture.tasks.length).toBe(24);
    expect(tasksOf(fixture, "induction").every(({ pairs }) => pairs.length === 5)).toBe(true);
    expect(firstTasks(fixture, 2).tasks.length).toBe(6);
    expect(new Set(fixture.tasks.map(({ id }) => id)).size).toBe(24);
  });

  it.each([
    ["not json", /suite s, line 2/],
    ['{"type":"deduction"}', /suite s, line 2: input/],
    ['{"type":"guess","program":"p"}', /suite s, line 2: type/],
    [JSON.stringify({ ...induction, inputs: ["1"] }), /suite s, line 2: inputs/],
  ])("name the line %s", (line, message) => {
    expect(() => parseSuite("s", `${JSON.stringify(rows[0])}\n${line}\n`)).toThrow(message);
    expect(() => parseSuite("s", `${JSON.stringify(rows[0])}\n${line}\n`)).toThrow(KelvinError);
  });

  it("must have tasks", () => {
    expect(() => parseSuite("s", "\n")).toThrow(/no tasks/);
  });

  it("learn their normalised programs from the verifier, unless they came with them", async () => {
    const verifier = new FakeVerifier();
    const tasks = await normalizeTasks(verifier, [...suite.tasks, { ...suite.tasks[0]!, normalized: "given" }]);
    expect(tasks.at(-1)?.normalized).toBe("given");
    expect(tasks.slice(0, -1).map(({ normalized }) => normalized)).toEqual(suite.tasks.map(({ program }) => program));
    expect(verifier.counts.propose).toBe(2);
  });
});

describe("evaluation", () => {
  it("measures greedy, sampled and forced-trace accuracy per type", async () => {
    const { events, result } = await drain(evaluate(suite, options(new ScriptedModel(student))));
    const { deduction, abduction, induction } = grouped(result);
    expect(deduction?.["tasks"]).toBe(6);
    expect(deduction?.["forcedTrace"]).toBe(1);
    expect(abduction).toMatchObject({ greedy: 0, sampled: 0, forcedTrace: 0, tasks: 4 });
    expect(induction).toEqual({ greedy: 1, sampled: 1, traceShare: 0, tasks: 1 });
    expect(
      result.every(({ name, n }) => n === { deduction: 6, abduction: 4, induction: 1 }[name.split("/")[0] ?? ""]),
    ).toBe(true);
    expect(events.every(({ type }) => type === "live.progress")).toBe(true);
  });

  it("counts the share of sampled answers that came with a trace", async () => {
    const { result } = await drain(
      evaluate(firstTasks(suite, 6), { ...options(new ScriptedModel(student)), samples: 60 }),
    );
    // 360 fair coins: 0.5 ± four standard errors of 0.026; half the tasks need a trace.
    expect(Math.abs((shareIn(result, "deduction/traceShare") ?? 0) - 0.5)).toBeLessThan(0.106);
    expect(Math.abs((shareIn(result, "deduction/sampled") ?? 0) - 0.75)).toBeLessThan(0.092);
  });

  it("counts the tasks that one of several samples solves, and those solved with a whole trace", async () => {
    const whole = "<think>\n return x+3#11<ans>11";
    const often: Script = (prompt, rng) => (prompt.includes("-5") || rng.next() < 0.5 ? "<ans>0" : whole);
    const { result } = await drain(evaluate(suite, { ...options(new ScriptedModel(often)), samples: 40 }));
    // Of six deductions three are x+3, which a coin solves.
    expect(shareIn(result, "deduction/ever")).toBe(0.5);
    expect(shareIn(result, "deduction/everComplete")).toBe(0.5);
    expect(shareIn(result, "abduction/ever")).toBe(0);
    const bare = await drain(evaluate(suite, { ...options(new ScriptedModel(() => "<ans>11")), samples: 2 }));
    expect(shareIn(bare.result, "deduction/ever")).toBe(0.5);
    expect(shareIn(bare.result, "deduction/everComplete")).toBe(0);
  });

  it("draws samples as it is told, and the other answers greedily", async () => {
    const model = new ScriptedModel(student);
    const sampling = { temperature: 0.6, topP: 0.95 };
    await drain(evaluate(suite, { ...options(model), sampling }));
    await drain(evaluate(suite, options(model)));
    const greedy = { temperature: 0 };
    const traced = (sampled: object) => [greedy, sampled, greedy];
    const all = (sampled: object) => [...traced(sampled), ...traced(sampled), greedy, sampled];
    expect(model.sampling).toEqual([...all(sampling), ...all({ temperature: 1 })]);
  });

  it("draws the same samples every time", async () => {
    const once = async () => (await drain(evaluate(suite, options(new ScriptedModel(student))))).result;
    expect(await once()).toEqual(await once());
  });

  it("leaves the forced trace out where it was not asked for", async () => {
    const { result } = await drain(evaluate(suite, { ...options(new ScriptedModel(student)), forcedTrace: false }));
    expect(result.map(({ name }) => name)).toContain("deduction/complete");
    expect(result.map(({ name }) => name)).not.toContain("deduction/forcedTrace");
    expect(result.map(({ name }) => name)).not.toContain("deduction/forcedComplete");
  });

  it("counts an answer as complete if it is right and its trace has every statement, in order, with a value", async () => {
    const lines = ["def f(x):\n x=x+1\n x=x*2\n return x-3"];
    const [task] = parseSuite(
      "s",
      JSON.stringify({ ...rows[0], program: lines[0], input: "1", output: "1", statements: 3 }),
    ).tasks;
    const says = async (text: string, value = "1") => {
      const written: Script = (prompt) =>
        `${prompt.endsWith("<think>") ? text.slice("<think>".length) : text}<ans>${value}`;
      const { result } = await drain(evaluate({ name: "s", tasks: [task!] }, options(new ScriptedModel(written))));
      const of = ["complete", "sampledComplete", "forcedComplete"].map((what) => shareIn(result, `deduction/${what}`));
      expect(new Set(of).size).toBe(1);
      return of[0];
    };
    const [a, b, c] = ["\n x=x+1#2", "\n x=x*2#4", "\n return x-3#1"];
    expect(await says(`<think>${a}${b}${c}`)).toBe(1);
    // A wrong value on the way is not a skipped line.
    expect(await says(`<think>${a}\n x=x*2#5${c}`)).toBe(1);
    expect(await says(`<think>${a}${b}${c}`, "2")).toBe(0);
    expect(await says(`<think>${a}${c}`)).toBe(0);
    expect(await says(`<think>${b}${a}${c}`)).toBe(0);
    expect(await says(`<think>${a}${b}${c}${c}`)).toBe(0);
    expect(await says(`<think>\n x=x+1${b}${c}`)).toBe(0);
    expect(await says("<think>")).toBe(0);
  });

  it("adds what a suite measures besides", async () => {
    const votes: SuiteMeasure = (answered) => [{ name: "votes", value: 0.5, n: answered.length }];
    const { result } = await drain(evaluate({ ...suite, measures: [votes] }, options(new ScriptedModel(student))));
    expect(result.at(-1)).toEqual({ name: "votes", value: 0.5, n: 8 });
  });
});
