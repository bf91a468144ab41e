import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { loadTokenizer } from "../../src/model/tokenizer";
import { type CorpusPython, openCorpusPython } from "../../src/pretrain/python";

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
const committed = (name: string) => readFileSync(`public/suites/${name}.jsonl`, "utf8");
const rows = (name: string) =>
  committed(name)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Row);
const inputsOf = (row: Row) => row.inputs ?? [row.input ?? ""];
const outputsOf = (row: Row) => row.outputs ?? [row.output ?? ""];

let python: CorpusPython;
beforeAll(async () => {
  python = await openCorpusPython();
});

describe("held-out suites", () => {
  it.each(NAMES)("%s is what the generator writes, byte for byte", (name) => {
    expect(python.suites().get(name)).toBe(committed(name));
  });

  it.each(NAMES)("%s: every output is what plain Python gives", (name) => {
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
    for (const row of NAMES.flatMap(rows)) {
      const keys = row.statements > 1 ? [row.program] : inputsOf(row).map((input) => `${row.program}|${input}`);
      for (const key of keys) {
        expect(seen.has(key), key).toBe(false);
        seen.add(key);
      }
    }
  });

  it("counts statements, spells prompts and stays in the vocabulary and the context", () => {
    const tokenizer = loadTokenizer(JSON.parse(readFileSync("public/models/kelvin-nano/tokenizer.json", "utf8")));
    for (const row of NAMES.flatMap(rows)) {
      expect(row.statements).toBe(row.program.split("\n").length - 1);
      expect(row.prompt).toBe(promptOf(row));
      const tokens = tokenizer.encode(row.prompt);
      expect(tokenizer.decode(tokens)).toBe(row.prompt);
      expect(tokens.length).toBeLessThanOrEqual(110);
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
