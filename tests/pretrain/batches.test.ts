import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packWeighted } from "../../src/loss/pack";
import { makeBatch } from "../../src/model/batch";
import { loadTokenizer } from "../../src/model/tokenizer";
import { tokenizerJson } from "../../src/pretrain/architecture";
import { batchSource, tokenWeights, type UpdateBatch } from "../../src/pretrain/batches";
import { gappedPositions } from "../../src/pretrain/gaps";
import { type CorpusPython, openCorpusPython } from "../../src/pretrain/python";
import { learningRates, mixtureAt, PLAIN, TRACE_START_WEIGHT } from "../../src/pretrain/schedule";
import { cachedShards, decodeShard, encodeShard, UPDATES_PER_SHARD } from "../../src/pretrain/shards";
import { createRng } from "../../src/rollout/rng";

const tokenizer = loadTokenizer(tokenizerJson());
const plan = {
  seed: 3,
  updates: 2 * UPDATES_PER_SHARD,
  tokensPerUpdate: 700,
  ...PLAIN,
};
let python: CorpusPython;
let folder: string;
beforeAll(async () => {
  python = await openCorpusPython();
  folder = await mkdtemp(join(tmpdir(), "kelvin-shards-"));
});
afterAll(() => rm(folder, { recursive: true }));

const source = (open = async () => python) =>
  batchSource(cachedShards(folder, plan, tokenizer, open), tokenizer, plan.tokensPerUpdate);
const total = (batch: UpdateBatch) => batch.sequences.reduce((sum, s) => sum + s.weights.reduce((a, b) => a + b, 0), 0);
const text = (batch: UpdateBatch) => batch.sequences.map(({ tokens }) => tokenizer.decode(tokens));

describe("batches", () => {
  it("are the same for the same update, in any order, from a warm or a cold cache", async () => {
    const first = source();
    const early = await first.batch(1);
    const late = await first.batch(UPDATES_PER_SHARD + 2);
    const again = source(() => Promise.reject(new Error("the cache was not used")));
    expect(await again.batch(UPDATES_PER_SHARD + 2)).toEqual(late);
    expect(await again.batch(1)).toEqual(early);
    expect(text(early)).not.toEqual(text(late));
    expect(await readdir(folder)).toHaveLength(2);
  });

  it("fill their token budget and never exceed it", async () => {
    const batches = source();
    for (let update = 0; update < UPDATES_PER_SHARD; update++) {
      const { tokens, sequences } = await batches.batch(update);
      expect(tokens).toBeLessThanOrEqual(plan.tokensPerUpdate);
      expect(tokens).toBeGreaterThan(plan.tokensPerUpdate - 130);
      expect(sequences.reduce((sum, s) => sum + s.tokens.length, 0)).toBe(tokens);
    }
  });

  it("weigh one on average over a shard, not each by itself", async () => {
    const batches = source();
    const weights: number[] = [];
    for (let update = 0; update < UPDATES_PER_SHARD; update++) weights.push(total(await batches.batch(update)));
    expect(weights.reduce((a, b) => a + b, 0) / weights.length).toBeCloseTo(1, 5);
    expect(new Set(weights.map((weight) => weight.toFixed(4))).size).toBeGreaterThan(10);
  });

  it("hold whole examples that end with the end token", async () => {
    for (const line of text(await source().batch(0))) {
      expect(line).toMatch(/^<(?:ded|abd|ind|pded|pabd|pind)>[\s\S]*<eos>$/);
      expect(line.match(/<eos>/g)).toHaveLength(1);
    }
  });
});

describe("position gaps", () => {
  const gaps = (share: number) => ({ share, context: 192, rng: createRng(3).child("gaps") });
  const spread = (share: number) =>
    batchSource(
      cachedShards(folder, plan, tokenizer, async () => python),
      tokenizer,
      plan.tokensPerUpdate,
      [],
      gaps(share),
    );

  it("spread the tokens of their share of the sequences, in order and within the context", async () => {
    const { sequences } = await spread(0.5).batch(2);
    const gapped = sequences.filter(({ positions }) => positions);
    expect(gapped.length / sequences.length).toBeGreaterThan(0.2);
    expect(gapped.length / sequences.length).toBeLessThan(0.8);
    for (const { tokens, positions = new Uint32Array() } of gapped) {
      expect([positions.length, positions[0]]).toEqual([tokens.length, 0]);
      for (let token = 1; token < positions.length; token++)
        expect([1, 2, 3, 4]).toContain((positions[token] ?? 0) - (positions[token - 1] ?? 0));
      expect(positions.at(-1)).toBeLessThan(192);
    }
  });

  it("are the same for the same update, and leave the tokens as they are", async () => {
    const [once, again, without] = await Promise.all([spread(1).batch(4), spread(1).batch(4), source().batch(4)]);
    expect(once).toEqual(again);
    expect(text(once)).toEqual(text(without));
    expect((await spread(0).batch(4)).sequences[0]).not.toHaveProperty("positions");
  });

  it("end where the rest would not fit, and are what a batch puts on the device", () => {
    const positions = gappedPositions(60, 64, createRng(1));
    expect([positions.at(-1), new Set(positions).size]).toEqual([63, 60]);
    const [packed] = packWeighted([
      { tokens: new Int32Array(60).fill(7), weights: new Float32Array(60).fill(1), positions },
    ]);
    expect(makeBatch([packed!, { ...packed!, positions: undefined as never }], 100).positions).toEqual(
      Uint32Array.of(...positions, ...Array.from({ length: 60 }, (_, at) => at)),
    );
  });
});

describe("token weights", () => {
  const starts = new Set(tokenizer.encode("<think>"));
  const weigh = (prompt: string, completion: string) => [
    ...tokenWeights(tokenizer.encode(prompt + completion), tokenizer.encode(prompt).length, starts),
  ];

  it("teach the completion, hint at the prompt, and play down the choice to think", () => {
    expect(weigh("<ded>x<out>", "<ans>1<eos>")).toEqual([0, 0.05, 0.05, 1, 1, 1].map(Math.fround));
    expect(weigh("<ded>x<out>", "<think>1<eos>")).toEqual([0, 0.05, 0.05, TRACE_START_WEIGHT, 1, 1].map(Math.fround));
  });

  it("leave a fifth of the probability to thinking", () => {
    const traces = mixtureAt(0.5).traces;
    const prior = (traces * TRACE_START_WEIGHT) / (traces * TRACE_START_WEIGHT + 1 - traces);
    expect(prior).toBeCloseTo(0.2, 10);
  });
});

describe("shards", () => {
  it("come back from their bytes", () => {
    const shard = {
      tokens: Uint16Array.of(1, 2, 3, 4, 5),
      lengths: Uint16Array.of(3, 2),
      promptLengths: Uint16Array.of(1, 1),
    };
    expect(decodeShard(encodeShard(shard))).toEqual(shard);
  });
});

describe("the corpus", () => {
  it("shows the work of deduction forwards and of abduction backwards, as plain Python runs it", () => {
    const checked = JSON.parse(
      python.evaluate(`
import re, ast
from corpus import KINDS
corpus = Corpus("trace test", held_out, (1, 1, 0, 0, 0, 0), (1, 1, 1, 1), 1)
def text(value): return repr(value).replace(" ", "")
def faults(count):
  for _ in range(count):
    prompt, completion = corpus.example()
    program, given = re.fullmatch(r"<(?:ded|abd)>(.*)<(?:in|out)>(.*)<(?:out|in)>", prompt, re.S).groups()
    trace, answer = re.fullmatch(r"<think>(.*)<ans>(.*)<eos>", completion, re.S).groups()
    scope = {}; exec(program, scope)
    forwards = prompt.startswith("<ded>")
    x = ast.literal_eval(given if forwards else answer)
    if text(scope["f"](x)) != (answer if forwards else given): yield ["answer", prompt, completion]
    values, statements = [x], program.split("\\n ")[1:]
    for statement in statements:
      step = {}; exec("def f(x):\\n " + statement + ("" if statement.startswith("return") else "\\n return x"), step)
      values.append(step["f"](values[-1]))
    steps = list(zip(statements, values[1:])) if forwards else list(zip(statements, values))[::-1]
    if trace != "".join(f"\\n {s}#{text(v)}" for s, v in steps): yield ["trace", prompt, completion]
json.dumps(list(faults(500)))`),
    );
    expect(checked).toEqual([]);
  });

  it("has long programs at the share asked for, whose every statement matters, and none before", () => {
    const [lengths, idle] = JSON.parse(
      python.evaluate(`
from long import answer, without
corpus = Corpus("long test", held_out, (1, 1, 0, 0, 0, 0), (1,), 1, 0.25)
def tasks(count):
  for _ in range(count):
    prompt, completion = corpus.example()
    program, given = re.fullmatch(r"<(?:ded|abd)>(.*)<(?:in|out)>(.*)<(?:out|in)>", prompt, re.S).groups()
    x = ast.literal_eval(given if prompt.startswith("<ded>") else completion.split("<ans>")[1].removesuffix("<eos>"))
    yield tuple(program.split("\\n ")[1:]), x
seen = list(tasks(2000))
idle = [p for p, x in seen if len(p) > 1 and any(answer(without(p, at), x) == answer(p, x) for at in range(len(p)))]
json.dumps([[sum(len(p) == n for p, _ in seen) for n in range(1, 9)], idle])`),
    ) as [number[], unknown[]];
    expect(idle).toEqual([]);
    expect(lengths.slice(1, 4)).toEqual([0, 0, 0]);
    for (const count of lengths.slice(4)) expect(Math.abs(count - 125)).toBeLessThan(45);
    const more = { size: "nano" as const, domain: "programs" as const, long: 0.04, easy: 0, judge: 0, gaps: 0 };
    expect([mixtureAt(0.1, more).long, mixtureAt(0.5, more).long, mixtureAt(0.5).long]).toEqual([0, 0.04, 0]);
  });

  it("has a tail of up to sixteen statements and larger inputs where a size has room for them", () => {
    const [lengths, large] = JSON.parse(
      python.evaluate(`
corpus = Corpus("tail test", held_out, (1, 0, 0, 0, 0, 0), (1,), 0, 0.5, 0, 0, 0.5, 0.5)
seen = [corpus.example()[0] for _ in range(1000)]
inputs = [ast.literal_eval(prompt.split("<in>")[1].removesuffix("<out>")) for prompt in seen if prompt.count("\\n") == 1]
large = [x for x in inputs if (x > 19 if type(x) is int else len(x) > 4 or max(x, default=0) > 9)]
counts = [prompt.count("\\n") for prompt in seen]
json.dumps([[sum(a <= n <= b for n in counts) for a, b in ((1, 1), (5, 8), (9, 16))], len(large) / len(inputs)])`),
    ) as [number[], number];
    for (const [index, count] of [500, 250, 250].entries())
      expect(Math.abs((lengths[index] ?? 0) - count)).toBeLessThan(60);
    expect(large).toBeGreaterThan(0.25);
    expect(large).toBeLessThan(0.5);
  });

  it("makes programs easier: they run on the same input, differ, are no longer, and no statement is idle", () => {
    const [faults, shorter] = JSON.parse(
      python.evaluate(`
from long import answer, every_statement_matters
from language import run
corpus = Corpus("easy test", held_out, (1, 1, 0, 0, 0, 0), (1,), 1, 0, 1)
def faults(count):
  for _ in range(count):
    prompt, completion = corpus.example()
    program, given = re.fullmatch(r"<easy>def f.x.:\\n (.*)<in>(.*)<new>", prompt, re.S).groups()
    easier, same = re.fullmatch(r"def f.x.:\\n (.*)<in>(.*)<eos>", completion, re.S).groups()
    program, easier, x = tuple(program.split("\\n ")), tuple(easier.split("\\n ")), ast.literal_eval(given)
    values = run(easier, x)
    if same != given or values is None or easier == program or len(easier) > len(program): yield [prompt, completion]
    elif not every_statement_matters(easier, x, values[-1]): yield [prompt, completion]
    elif len(easier) < len(program): shorter.append(1)
shorter = []
json.dumps([list(faults(500)), len(shorter)])`),
    ) as [unknown[], number];
    expect(faults).toEqual([]);
    expect(shorter).toBeGreaterThan(400);
    expect(
      python
        .open(
          "a",
          mixtureAt(0.5, { size: "nano" as const, domain: "programs" as const, long: 0, easy: 0.5, judge: 0, gaps: 0 }),
        )
        .take(40)
        .join(""),
    ).not.toBe("");
  });

  it("keeps held-out tasks out of every role", () => {
    const [leaks, programs] = JSON.parse(
      python.evaluate(`
corpus = Corpus("leak test", held_out, (1, 1, 1, 1, 1, 1), (1, 1), 0.5)
def programs(count):
  for _ in range(count):
    for part in re.split(r"<(?!\\d)/?[a-z]*>", FIELD.join(corpus.example()).replace(FIELD, "<f>")):
      if part.startswith("def f"): yield part
from corpus import FIELD
seen = list(programs(5000))
json.dumps([[program for program in seen if program in held_out.programs], len(seen)])`),
    ) as [string[], number];
    expect(leaks).toEqual([]);
    expect(programs).toBeGreaterThan(5000);
    expect(Number(python.evaluate("str(len(held_out.programs))"))).toBeGreaterThan(3000);
  });

  it("proposes programs that run, differ from the reference and are no constant or identity", () => {
    const bad = python.evaluate(`
corpus = Corpus("proposal test", held_out, (0, 0, 0, 1, 1, 0), (1, 1), 0.5)
from edits import PROBES
def outputs(f, kind):
  for probe in PROBES[kind]:
    try: yield probe, f(probe)
    except IndexError: pass
def bad(count):
  for _ in range(count):
    prompt, completion = corpus.example()
    program, given = completion.removesuffix("<eos>").split("<in>")
    scope = {}; exec(program, scope)
    x = ast.literal_eval(given)
    pairs = list(outputs(scope["f"], type(x).__name__))
    if type(scope["f"](x)) not in (int, list) or prompt.split(">", 1)[1] == program + "<new>": yield completion
    if all(a == b for a, b in pairs) or len({str(b) for _, b in pairs}) == 1: yield completion
json.dumps(list(bad(500)))`);
    expect(JSON.parse(bad)).toEqual([]);
  });

  it("is the same for the same seed and another one for another seed", () => {
    const draw = (seed: string) => python.open(seed, mixtureAt(0)).take(20);
    expect(draw("a")).toEqual(draw("a"));
    expect(draw("a")).not.toEqual(draw("b"));
  });
});

describe("learning rates", () => {
  it("warm up, peak and fall to three percent", () => {
    expect(learningRates(0, 1000).muonLearningRate).toBeLessThan(0.001);
    const peak = Math.max(...Array.from({ length: 1000 }, (_, update) => learningRates(update, 1000).muonLearningRate));
    expect(peak).toBeCloseTo(0.02, 6);
    expect(learningRates(999, 1000).adamLearningRate / 3e-3).toBeCloseTo(0.03, 3);
  });
});
