import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { chance, softLabel } from "../../src/reward/ai-preference";
import { breaksAny, constitutionOf, critiquePrompt, LAWS, preferenceText, revisionPrompt } from "../../src/tasks/laws";
import { scriptedTokenizer } from "../train/scripted";

const law = (name: string) => constitutionOf(name)[0]!;
const program = (...lines: string[]) => `def f(x):\n ${lines.join("\n ")}`;

describe("laws", () => {
  it.each<[name: string, breaks: string[], keeps: string[]]>([
    ["%", ["return x%5", "x%=3\n return x"], ["return '%'", "return x # %", "return x//5"]],
    ["//", ["return x//5", "x//=2\n return x"], ["return x/5", "return '//'"]],
    ["*", ["return x*2", "x*=2\n return x"], ["return x**2", "return '*'", "return x+x"]],
    ["if", ["if x>1:x=2\n return x", "for y in x:x=y\n return x"], ["return [y for y in x if y]", "return 'if x'"]],
    ["2", ["x=x+1\n x=x+2\n return x"], ["x=x+1\n return x"]],
    ["[", ["return x+1", "return '['"], ["return x[0]", "return [x]"]],
  ])("%s is broken and kept, strings and comments left out", (name, breaks, keeps) => {
    for (const one of breaks) expect([one, law(name).isBroken(program(one))]).toEqual([one, true]);
    for (const one of keeps) expect([one, law(name).isBroken(program(one))]).toEqual([one, false]);
  });

  it("are a constitution in the order in which they were written, or are refused by name", () => {
    expect(constitutionOf("if, %").map(({ name }) => name)).toEqual(["if", "%"]);
    expect(breaksAny(constitutionOf("%,//"), program("return x//2"))).toBe(true);
    expect(() => constitutionOf("%,x")).toThrow("there is no law “x”");
    expect(() => constitutionOf("")).toThrow("at least one law");
    expect(new Set(LAWS.map(({ measure }) => measure)).size).toBe(LAWS.length);
    expect(LAWS.every(({ measure }) => /^[a-z]+$/.test(measure))).toBe(true);
  });

  it("ask in the formats of the corpus, which counts offences alike", () => {
    const policy = { tokenizer: scriptedTokenizer, contextLength: 256, chat: null };
    const asked = critiquePrompt(policy, "c", law("if"), program("return x"));
    expect(asked.text).toBe("<judge><law>if <try>def f(x):\n return x<check>");
    const fix = revisionPrompt(policy, "r", law("%"), program("return x%2"), "return x%2");
    expect(fix.text).toBe("<fix><law>%<try>def f(x):\n return x%2<check>return x%2<new>");
    expect(fix).toMatchObject({ kind: "proposer/deduction", reference: program("return x%2") });
    expect(preferenceText(law("2"), "P", "Q")).toBe("<judge><law>2<try>P<try>Q<best>");
  });
});

const python = spawnSync("python3", ["--version"]).status === 0;

it.skipIf(!python)("laws are those of src/pretrain/laws.py on its own programs; skipped without python3", () => {
  const script = `
import sys, json, random
sys.path.insert(0, "src/pretrain")
from laws import LAWS, offence
from language import draw_program, source
r = random.Random(5)
programs = [draw_program(r, r.choice((1, 2, 3, 4)), r.choice(("int", "list"))) for _ in range(400)]
print(json.dumps([[source(p), [offence(law, p) is not None for law in LAWS]] for p in programs]))`;
  const { stdout } = spawnSync("python3", ["-c", script], { encoding: "utf8" });
  const drawn = JSON.parse(stdout) as [string, boolean[]][];
  const theirs = ["%", "//", "*", "if", "1", "2", "3", "["];
  for (const [text, broken] of drawn)
    expect([text, theirs.map((name) => law(name).isBroken(text))]).toEqual([text, broken]);
});

describe("a model's preferences", () => {
  it("are the mean of both orders", () => {
    expect(chance([-0.2, -1.9])).toBeCloseTo(0.8455, 4);
    expect(1 - chance([-1.1, -0.5])).toBeCloseTo(0.6457, 4);
    expect(softLabel([-0.2, -1.9], [-1.1, -0.5])).toBeCloseTo(0.7456, 4);
    // A judge that always says A likes neither.
    expect(softLabel([-0.1, -3], [-0.1, -3])).toBeCloseTo(0.5, 12);
  });
});
