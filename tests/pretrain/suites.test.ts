import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Verifier } from "../../src/contracts";
import { parseSuite, withNormalForms } from "../../src/evaluate/suite";
import { defaultPlan } from "../../src/model/plan";
import { loadTokenizer } from "../../src/model/tokenizer";
import { type CorpusPython, openCorpusPython } from "../../src/pretrain/python";
import { roomyPrompt, solverPrompt } from "../../src/tasks/prompts";
import { statementsOf } from "../../src/tasks/traces";
import { createNodeVerifier } from "../../src/verify/node";

interface Row {
  type: string;
  program: string;
  input?: string;
  output?: string;
  inputs?: string[];
  outputs?: string[];
  statements: number;
  prompt: string;
}
const NAMES = [
  "in-distribution",
  "out-of-distribution",
  "fresh-in-distribution",
  "fresh-out-of-distribution",
  "one-shot-candidates",
];
const LONG = ["long", "fresh-long"].flatMap((prefix) =>
  [5, 6, 7, 8].map((count) => ({ name: `${prefix}-${count}`, count })),
);
const ALL = [...NAMES, ...LONG.map(({ name }) => name)];
const committed = (name: string) => readFileSync(`public/suites/${name}.jsonl`, "utf8");
const rows = (name: string) =>
  committed(name)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Row);
const inputsOf = (row: Row) => row.inputs ?? [row.input ?? ""];
const outputsOf = (row: Row) => row.outputs ?? [row.output ?? ""];

let python: CorpusPython;
let verifier: Verifier;
beforeAll(async () => {
  [python, verifier] = await Promise.all([openCorpusPython(), createNodeVerifier()]);
});
afterAll(() => verifier.dispose());

describe("held-out suites", () => {
  it.each(ALL)("%s is what the generator writes, byte for byte, with the verifier's normal forms", async (name) => {
    const generated = python.suites().get(name) ?? "";
    expect(await withNormalForms(verifier, name, generated)).toBe(committed(name));
  });

  it.each(ALL)("%s: every output is what plain Python gives", (name) => {
    const jobs = rows(name).map((row) => [row.program, inputsOf(row), outputsOf(row)]);
    expect(jobs.length).toBeGreaterThan(0);
    const wrong = python.evaluate(`
import ast
def wrong(jobs):
  for program, inputs, outputs in jobs:
    scope = {}
    exec(program, scope)
    for given, expected in zip(inputs, outputs, strict=True):
      got = scope["f"](ast.literal_eval(given))
      if type(got) not in (int, list) or repr(got).replace(" ", "") != expected: yield [program, given, expected, repr(got)]
json.dumps(list(wrong(json.loads(${JSON.stringify(JSON.stringify(jobs))}))))`);
    expect(JSON.parse(wrong)).toEqual([]);
  });

  it("has 400 tasks per type in distribution and 300 harder ones", () => {
    for (const name of NAMES.slice(0, 4)) {
      for (const type of ["deduction", "abduction", "induction"]) {
        const expected = name.endsWith("out-of-distribution") ? 300 : 400;
        expect(rows(name).filter((row) => row.type === type)).toHaveLength(expected);
      }
    }
    expect(rows("one-shot-candidates")).toHaveLength(200);
  });

  it("holds nothing twice within or across the suites", () => {
    const seen = new Set<string>();
    for (const row of ALL.flatMap(rows)) {
      const keys = row.statements > 1 ? [row.program] : inputsOf(row).map((input) => `${row.program}|${input}`);
      for (const key of keys) {
        expect(seen.has(key), key).toBe(false);
        seen.add(key);
      }
    }
  });

  it("counts statements, spells prompts and stays in the vocabulary and the context", () => {
    const tokenizer = loadTokenizer(JSON.parse(readFileSync("public/models/kelvin-nano/tokenizer.json", "utf8")));
    for (const row of ALL.flatMap(rows)) {
      expect(row.statements).toBe(row.program.split("\n").length - 1);
      expect(row.prompt).toBe(promptOf(row));
      const tokens = tokenizer.encode(row.prompt);
      expect(tokenizer.decode(tokens)).toBe(row.prompt);
      expect(tokens.length).toBeLessThanOrEqual(110);
    }
  });

  it.each(LONG)(
    "$name has 200 deductions on whole numbers of $count statements, every one of which matters",
    ({ name, count }) => {
      const long = rows(name);
      expect(long).toHaveLength(200);
      for (const { type, statements, input, output } of long)
        expect([type, statements, `${Number(input)}`, `${Number(output)}`]).toEqual([
          "deduction",
          count,
          input,
          output,
        ]);
      // Written anew, with plain Python on whole programs: without any of its lines the answer changes, or the program fails.
      const jobs = long.map(({ program, input }) => [program, input]);
      const idle = python.evaluate(`
def answer(program, given):
  scope = {}
  try:
    exec(program, scope)
    return scope["f"](given)
  except Exception: return None
def idle(jobs):
  for program, given in jobs:
    head, *lines = program.split("\\n")
    for at in range(len(lines)):
      fewer = lines[:at] + lines[at + 1:] if at < len(lines) - 1 else lines[:-1] + [" return x"]
      if answer("\\n".join([head, *fewer]), int(given)) == answer(program, int(given)): yield [program, given, at]
json.dumps(list(idle(json.loads(${JSON.stringify(JSON.stringify(jobs))}))))`);
      expect(JSON.parse(idle)).toEqual([]);
    },
  );

  it("has room for a whole trace of every long task in the shipped model's plan", () => {
    const tokenizer = loadTokenizer(JSON.parse(readFileSync("public/models/kelvin-nano/tokenizer.json", "utf8")));
    const { max_position_embeddings } = JSON.parse(readFileSync("public/models/kelvin-nano/config.json", "utf8"));
    const { capacity } = defaultPlan({ contextLength: max_position_embeddings });
    const policy = { tokenizer, contextLength: max_position_embeddings, longestCompletion: capacity };
    for (const { name } of LONG) {
      const suite = parseSuite(name, committed(name));
      expect(suite.isLong).toBe(true);
      for (const task of suite.tasks) {
        const trace = statementsOf(task.program).map((statement) => `\n ${statement}#-99`);
        // The end token is one more.
        const needed = tokenizer.encode(`<think>${trace.join("")}<ans>-99`).length + 1;
        expect(roomyPrompt(policy, solverPrompt(policy, task.id, task)).maxNewTokens).toBeGreaterThanOrEqual(needed);
      }
    }
  });

  it("shows induction solvers three pairs whose outputs, with the hidden two, tell programs apart", () => {
    for (const row of NAMES.flatMap(rows).filter(({ type }) => type === "induction")) {
      expect(new Set(row.inputs).size).toBe(5);
      expect(new Set(row.outputs).size).toBeGreaterThanOrEqual(3);
    }
  });
});

function promptOf(row: Row): string {
  if (row.type === "deduction") return `<ded>${row.program}<in>${row.input}<out>`;
  if (row.type === "abduction") return `<abd>${row.program}<out>${row.output}<in>`;
  const shown = inputsOf(row)
    .slice(0, 3)
    .map((input, index) => `${input}<out>${outputsOf(row)[index]}`);
  return `<ind>${shown.join(";")}<msg>`;
}
