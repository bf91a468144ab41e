import { beforeAll, describe, expect, it } from "vitest";
import { loadTokenizer } from "../../src/model/tokenizer";
import { tokenizerJson } from "../../src/pretrain/architecture";
import { batchSource } from "../../src/pretrain/batches";
import { type CorpusPython, openCorpusPython } from "../../src/pretrain/python";
import { mixtureAt, TRACE_START_WEIGHT, workedStarts } from "../../src/pretrain/schedule";
import { drawShard, UPDATES_PER_SHARD } from "../../src/pretrain/shards";

let python: CorpusPython;
beforeAll(async () => {
  python = await openCorpusPython();
  // Plain Python, independent of the generator: what a program gives, and what one line gives.
  python.evaluate(`
exec('''
import ast, json, re
from random import Random
from draws import read_held_out
def answer_of(program, x):
  scope = {}
  try:
    exec(program, scope)
    return scope["f"](x)
  except (IndexError, ValueError, TypeError): return None
def line(statement, x):
  return answer_of("def f(x):\\\\n " + statement + ("" if statement.startswith("return") else "\\\\n return x"), x)
def inside(value):
  if type(value) is int: return abs(value) <= 99
  return type(value) is list and len(value) <= 6 and all(abs(one) <= 99 for one in value)
''') or ""`);
});

const faults = (expression: string): unknown[] => JSON.parse(python.evaluate(expression)) as unknown[];

describe("judgements", () => {
  it("score right tries from five up and wrong ones below, by plain Python", () => {
    expect(
      faults(`
from judging import draw_judgement
def right(question, text):
  if question.startswith("<ded>"):
    program, x = re.fullmatch(r"<ded>(.*)<in>(.*)<out>", question, re.S).groups()
    return answer_of(program, ast.literal_eval(x)) == ast.literal_eval(text.split("<ans>")[1])
  if question.startswith("<abd>"):
    program, o = re.fullmatch(r"<abd>(.*)<out>(.*)<in>", question, re.S).groups()
    return answer_of(program, ast.literal_eval(text.split("<ans>")[1])) == ast.literal_eval(o)
  if question.startswith("<ind>"):
    pairs = [one.split("<out>") for one in question[5:].split("<msg>")[0].split(";")]
    return all(answer_of(text[5:], ast.literal_eval(x)) == ast.literal_eval(o) for x, o in pairs)
  program, x = text.split("<in>")
  outputs = [(probe, answer_of(program, probe)) for probe in ((0, 3, 8, 13, 19) if x[0] != "[" else ([3, 1], [0, 7, 2], [5, 2, 9, 2]))]
  outputs = [(probe, output) for probe, output in outputs if inside(output)]
  varied = any(a != b for a, b in outputs) and len({str(b) for _, b in outputs}) > 1
  x = ast.literal_eval(x)
  for statement in program.split("\\n ")[1:]:
    x = line(statement, x)
    if not inside(x): return False
  return varied
def faults(count):
  random = Random("judgements")
  for _ in range(count):
    prompt, completion = draw_judgement(random, held_out)
    question, text = prompt.removeprefix("<judge>").split("<try>")
    score = int(completion.split("<score>")[1].removesuffix("<eos>"))
    if not 0 <= score <= 10 or (score >= 5) != right(question, text): yield [prompt, completion]
json.dumps(list(faults(800)))`),
    ).toEqual([]);
  });

  it("check each line of a worked deduction from the value that the try has before it", () => {
    const [wrong, marks] = faults(`
def checked(prompt, completion):
  program, x, text = re.fullmatch(r"<judge><ded>(.*)<in>(.*)<out><try><think>(.*)<ans>.*", prompt, re.S).groups()
  check = re.fullmatch(r"<rule>valuelines<check>(.*)<score>.*", completion, re.S).group(1)
  x, written, lines = ast.literal_eval(x), text.split("\\n ")[1:], check.split("\\n ")[1:]
  statements = program.split("\\n ")[1:]
  if len(lines) != len(statements): return False
  for place, (statement, one) in enumerate(zip(statements, lines)):
    number = r"\\[?[-0-9,]*\\]?"
    truth, mark, said = re.fullmatch(re.escape(statement) + f"(#{number})?(ok|no)({number})", one).groups()
    if mark == "no" and said == "":
      # Skipped: the check goes on from the value before.
      if truth or statement in [w.split("#")[0] for w in written[:1]]: return False
      marks.append("missing")
      continue
    own, value = written.pop(0).split("#")
    gives = line(statement, x) if own == statement else None
    if truth != ("#" + str(gives).replace(" ", "") if inside(gives) else None): return False
    if (mark == "ok") != (truth == "#" + value) or said != ("" if mark == "ok" else value): return False
    marks.append(mark)
    x = ast.literal_eval(value)
  return True
def faults(count):
  random = Random("lines")
  for _ in range(count):
    prompt, completion = draw_judgement(random, held_out, "deduction")
    if "<rule>" in completion and "<think>" in prompt and not checked(prompt, completion): yield [prompt, completion]
marks = []
json.dumps([list(faults(800)), [marks.count(one) for one in ("ok", "no", "missing")]])`) as [unknown[], number[]];
    expect(wrong).toEqual([]);
    for (const count of marks) expect(count).toBeGreaterThan(40);
  });

  it("are worked in seven of ten; half of the tries are right; queries have their shares", () => {
    const [worked, right, queries] = faults(`
random = Random("shares")
seen = [draw_judgement(random, held_out) for _ in range(2000)]
scores = [int(c.split("<score>")[1].removesuffix("<eos>")) for _, c in seen]
json.dumps([sum("<rule>" in c for _, c in seen) / 2000, sum(score >= 5 for score in scores) / 2000,
  [sum(p.startswith("<judge>" + tag) for p, _ in seen) / 2000 for tag in ("<ded>", "<abd>", "<ind>", "<pded>")]])`) as [
      number,
      number,
      number[],
    ];
    expect(Math.abs(worked - 0.7)).toBeLessThan(0.05);
    expect(Math.abs(right - 0.5)).toBeLessThan(0.05);
    for (const [index, share] of [0.5, 0.2, 0.15, 0.15].entries())
      expect(Math.abs((queries[index] ?? 0) - share)).toBeLessThan(0.04);
  });
});

describe("laws", () => {
  it("are kept by the program that is preferred and broken by the other; the critique names the first line that breaks one", () => {
    expect(
      faults(`
from laws import LAWS, draw_critique, draw_preference, draw_revision
def broken(law, program):
  lines = program.split("\\n ")[1:]
  if law in "123": return lines[int(law):][:1]
  if law == "[": return [] if "[" in program else lines[-1:]
  if law == "if ": return [one for one in lines if re.match("if |for ", one)][:1]
  return [one for one in lines if law in one][:1]
def faults(count):
  random = Random("laws")
  for _ in range(count):
    for law in LAWS:
      prompt, best = draw_preference(random, held_out, law)
      tries = re.fullmatch(r"<judge><law>" + re.escape(law) + "<try>(.*)<try>(.*)<best>", prompt, re.S).groups()
      if [bool(broken(law, one)) for one in tries] != ([False, True] if best == "A<eos>" else [True, False]): yield [prompt, best]
      prompt, line = draw_critique(random, held_out, law)
      program = prompt.split("<try>")[1].removesuffix("<check>")
      if [line.removesuffix("<eos>")] != (broken(law, program) or ["ok"]): yield [prompt, line]
      prompt, completion = draw_revision(random, held_out, law)
      program, said = prompt.split("<try>")[1].removesuffix("<new>").split("<check>")
      revised, x = completion.removesuffix("<eos>").split("<in>")
      if [said] != (broken(law, program) or ["ok"]) or broken(law, revised): yield [prompt, completion]
      if not inside(answer_of(revised, ast.literal_eval(x))): yield [prompt, completion]
      if said == "ok" and revised != program: yield [prompt, completion]
json.dumps(list(faults(60)))`),
    ).toEqual([]);
  });

  it("are broken in three of four critiques and revisions, and one revision keeps what breaks nothing", () => {
    const [ok, kept] = faults(`
random = Random("kept")
critiques = [draw_critique(random, held_out)[1] for _ in range(400)]
def other_lines(law):
  prompt, completion = draw_revision(random, held_out, law)
  program = prompt.split("<try>")[1].split("<check>")[0].split("\\n ")
  revised = completion.split("<in>")[0].split("\\n ")
  return all(a == b for a, b in zip(program, revised) if law not in a)
json.dumps([critiques.count("ok<eos>") / 400, all(other_lines("%") for _ in range(100))])`) as [number, boolean];
    expect(Math.abs(ok - 0.25)).toBeLessThan(0.08);
    expect(kept).toBe(true);
  });
});

describe("the corpus of a model that judges", () => {
  const recipe = { size: "nano" as const, domain: "programs" as const, long: 0.08, easy: 0.04, judge: 0.15, gaps: 0 };
  const plan = { seed: 5, updates: UPDATES_PER_SHARD, tokensPerUpdate: 2000, ...recipe };
  const tokenizer = loadTokenizer(tokenizerJson(recipe));

  it("has the formats at their shares once short programs have been learned, and no held-out task", () => {
    expect([mixtureAt(0.1, recipe).judge, mixtureAt(0.5, recipe).judge]).toEqual([0, 0.15]);
    const prompts = python
      .open("shares", mixtureAt(0.5, recipe))
      .take(6000)
      .map(({ prompt }) => prompt);
    const share = (holds: (prompt: string) => boolean) => prompts.filter(holds).length / prompts.length;
    const close = (value: number, wanted: number) => expect(Math.abs(value - wanted)).toBeLessThan(0.012);
    close(
      share((one) => one.startsWith("<judge>") && !one.includes("<law>")),
      0.08,
    );
    close(
      share((one) => one.endsWith("<best>")),
      0.02,
    );
    close(
      share((one) => one.endsWith("<check>")),
      0.02,
    );
    close(
      share((one) => one.startsWith("<fix>")),
      0.03,
    );
    close(
      share((one) => one.startsWith("<easy>")),
      0.034,
    );
    const leaks = faults(`
from corpus import Corpus
corpus = Corpus("leaks", held_out, (1,) * 6, (1, 1), 0.5, 0, 0, 1)
texts = ["<f>".join(corpus.example()) for _ in range(2500)]
parts = [part for text in texts for part in re.split(r"<(?!\\d)/?[a-z]*>", text) if part.startswith("def f")]
json.dumps([part for part in parts if part in held_out.programs] + ([] if len(parts) > 3000 else ["few"]))`);
    expect(leaks).toEqual([]);
  });

  it("fits the context, and plays down the choice to work a judgement out", async () => {
    const shard = drawShard(python, { ...plan, updates: 1 }, 0, tokenizer);
    expect(Math.max(...shard.lengths.slice(0, 500))).toBeLessThanOrEqual(256);
    const judging = { ...plan, judge: 1, gaps: 0 };
    const late = { shard: async () => drawShard(python, { ...judging, updates: 2 * UPDATES_PER_SHARD }, 1, tokenizer) };
    const { sequences } = await batchSource(late, tokenizer, plan.tokensPerUpdate, workedStarts(judging)).batch(0);
    const [rule, score] = ["<rule>", "<score>"].map((text) => tokenizer.encode(text)[0]);
    const weightOf = (token: number | undefined) =>
      sequences.flatMap(({ tokens, weights }) => {
        const at = tokens.indexOf(token ?? -1);
        return at < 0 || (token === score && tokens.includes(rule ?? -1)) ? [] : [weights[at] ?? 0];
      });
    const [played, whole] = [weightOf(rule), weightOf(score)];
    expect(played.length).toBeGreaterThan(2);
    expect((played[0] ?? 0) / (whole[0] ?? 1)).toBeCloseTo(TRACE_START_WEIGHT, 5);
  });
});

describe("the examination", () => {
  it("asks the same for the same seed, and gives nothing for silence", () => {
    const asked = python.examine("a", 3);
    expect(asked.prompts).toHaveLength(24);
    expect(python.examine("a", 3).prompts).toEqual(asked.prompts);
    const marks = asked.mark(asked.prompts.map(() => null));
    for (const [held, of] of Object.values(marks)) expect([held, of > 0]).toEqual([0, true]);
    expect(Object.keys(marks)).toEqual(
      expect.arrayContaining(["judge/worked", "judge/at once", "critique/right", "revision/obeys", "simplify/shorter"]),
    );
  });

  it("marks what was asked", () => {
    const marks = faults(`
from examining import judged, read_proposal, revised, simplified
good = ("x=x+3", "return x*2")
json.dumps([
  judged("<score>8", "<score>1", "at once", [True, False]), judged("<rule>valuelines<check>x<score>3", "<score>3", "worked", [True, False]),
  judged("<score>8", "<score>x", "at once", [True, False]), judged("<score>8", "<score>1", "at once", [False, True]),
  revised("*", read_proposal("def f(x):\\n x=x+3\\n return x*2<in>4")), revised("%", read_proposal("def f(x):\\n x=x+3\\n return x*2<in>4")),
  revised("%", read_proposal("def f(x):\\n x=y<in>4")), revised("%", read_proposal("nothing")),
  simplified(good, read_proposal("def f(x):\\n return x*2<in>4")), simplified(good, read_proposal("def f(x):\\n x=x+3\\n return x*2<in>4")),
])`) as [string, boolean][][];
    expect(marks.map((list) => list.map(([, holds]) => holds))).toEqual([
      ...[
        [true, true, true],
        [true, true, false],
        [true, false, false],
        [true, true, false],
      ],
      ...[
        [true, true, false],
        [true, true, true],
        [true, false, false],
        [false, false, false],
      ],
      ...[
        [true, true, true],
        [true, false, false],
      ],
    ]);
  });
});
