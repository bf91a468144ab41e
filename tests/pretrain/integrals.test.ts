import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { normalizeTasks, parseSuite } from "../../src/evaluate/suite";
import { loadTokenizer } from "../../src/model/tokenizer";
import { configJson, numberTokens, tokenizerJson, vocabulary } from "../../src/pretrain/architecture";
import { type CorpusPython, openCorpusPython } from "../../src/pretrain/python";
import { mixtureAt } from "../../src/pretrain/schedule";
import { heldOutSet, isHeldOut } from "../../src/tasks/held-out";
import { INTEGRAL_ROOTS } from "../../src/tasks/integral-roots";
import { antiderivativeOf, integralVerdict, integrandFault, integrandKey } from "../../src/tasks/integrals";
import { makeTask } from "../../src/tasks/task";
import { termsOf } from "../../src/tasks/terms";
import { FakeVerifier } from "../train/scripted";

const RECIPE = { size: "nano", domain: "integrals", long: 0.08, easy: 0.1, judge: 0, gaps: 0 } as const;
const SUITES = ["in-distribution", "out-of-distribution", "fresh-in-distribution"];
const LONG = [5, 6, 7, 8].map((terms) => `fresh-long-${terms}`);

let python: CorpusPython;
beforeAll(async () => {
  python = await openCorpusPython("integrals");
});

const taskOf = (program: string) =>
  makeTask({ id: "", type: "integration", program, inputs: [], outputs: [], normalized: integrandKey(program) ?? "" });

describe("the corpus of integrals", () => {
  const examples = () => python.open("a test", mixtureAt(0.5, RECIPE)).take(600);

  it("works every integral as the verifier's side does, right by the numbers", () => {
    let worked = 0;
    for (const { prompt, completion } of examples()) {
      const integrand = /^<int>(.*)<out>$/u.exec(prompt)?.[1];
      if (integrand === undefined) continue;
      const answer = /<ans>(.*)<eos>$/u.exec(completion)?.[1] ?? "";
      expect([integrand, integralVerdict(integrand, answer).verdict]).toEqual([integrand, "CORRECT"]);
      worked++;
      expect(completion).toBe(`<ans>${antiderivativeOf(integrand)}<eos>`);
    }
    expect(worked).toBeGreaterThan(200);
  });

  it("makes integrals easier: other ones that the rules solve, never with more terms", () => {
    let seen = 0;
    for (const { prompt, completion } of examples()) {
      const integrand = /^<easy>(.*)<new>$/u.exec(prompt)?.[1];
      if (integrand === undefined) continue;
      seen++;
      const easier = completion.replace("<eos>", "");
      expect([easier, integrandFault(easier)]).toEqual([easier, null]);
      expect(termsOf(easier).length).toBeLessThanOrEqual(termsOf(integrand).length);
      expect(easier).not.toBe(integrand);
    }
    expect(seen).toBeGreaterThan(20);
  });

  it("holds no function of a suite, and is spelt by its vocabulary", async () => {
    const tokenizer = loadTokenizer(tokenizerJson(RECIPE));
    const suites = [...python.suites()].flatMap(([name, text]) => parseSuite(name, text).tasks);
    const held = heldOutSet(await normalizeTasks(new FakeVerifier(), suites));
    for (const { prompt, completion } of examples()) {
      const text = prompt + completion;
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      const integrand = /^<int>(.*)<out>$/u.exec(prompt)?.[1];
      if (integrand !== undefined) expect([integrand, isHeldOut(taskOf(integrand), held)]).toEqual([integrand, false]);
    }
  });

  it("is drawn in the shares that the recipe names", () => {
    const drawn = python.open("shares", mixtureAt(0.5, RECIPE)).take(2000);
    const share = (holds: (prompt: string) => boolean) => drawn.filter(({ prompt }) => holds(prompt)).length / 2000;
    expect(share((prompt) => prompt.startsWith("<easy>"))).toBeCloseTo(0.1, 1);
    const long = (prompt: string) => prompt.startsWith("<int>") && termsOf(prompt.slice(5, -5)).length > 4;
    expect(share(long)).toBeGreaterThan(0.04);
    expect(share(long)).toBeLessThan(0.11);
  });
});

describe("the suites of integrals", () => {
  it("are tasks that differ as functions, in every suite and from the roots of LADDER", async () => {
    const suites = python.suites();
    expect([...suites.keys()]).toEqual([...SUITES, ...LONG]);
    const all = [...suites].flatMap(([name, text]) => parseSuite(name, text).tasks);
    const tasks = await normalizeTasks(new FakeVerifier(), all);
    const keys = [...tasks, ...INTEGRAL_ROOTS.map(taskOf)].map(({ normalized }) => normalized);
    expect(tasks.length).toBe(400 + 300 + 400 + 4 * 200);
    expect(new Set(keys).size).toBe(tasks.length + 30);
    for (const { program, type } of tasks) expect([type, integrandFault(program)]).toEqual(["integration", null]);
  });

  it("count terms as the tasks do", () => {
    for (const [at, name] of LONG.entries())
      for (const { program, statements } of parseSuite(name, python.suites().get(name) ?? "").tasks)
        expect([termsOf(program).length, statements]).toEqual([at + 5, at + 5]);
  });
});

describe("the shipped model of integrals", () => {
  const shipped = (name: string) => readFileSync(`public/models/kelvin-nano-integrals/${name}`, "utf8");

  it("is of the recipe that its card tells, and brings the suites that the generator writes", () => {
    const recipe = JSON.parse(shipped("card.json"));
    expect(recipe).toMatchObject({ size: "nano", domain: "integrals" });
    expect(JSON.parse(shipped("tokenizer.json"))).toEqual(tokenizerJson(recipe));
    expect(JSON.parse(shipped("config.json"))).toEqual(configJson(recipe));
    for (const [name, text] of python.suites()) expect([name, shipped(`heldout-${name}.jsonl`)]).toEqual([name, text]);
  });
});

describe("a model of integrals", () => {
  it("has a vocabulary of its own and room for eight terms", () => {
    expect(vocabulary(RECIPE).slice(0, 3)).toEqual(["<pad>", "<eos>", "<int>"]);
    expect(configJson(RECIPE)).toMatchObject({ vocab_size: 114, max_position_embeddings: 192 });
    const tokens = numberTokens(RECIPE);
    expect([tokens.length, new Set(tokens).size]).toEqual([100, 100]);
    const tokenizer = loadTokenizer(tokenizerJson(RECIPE));
    expect(Array.from(tokenizer.encode("42"))).toEqual([tokens[42]]);
    const longest = INTEGRAL_ROOTS.map(
      (root) => tokenizer.encode(`<int>${root}<out><ans>${antiderivativeOf(root)}<eos>`).length,
    );
    expect(Math.max(...longest)).toBeLessThanOrEqual(192);
  });
});
