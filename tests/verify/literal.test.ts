import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Verifier } from "../../src/contracts";
import { canonicalLiteral } from "../../src/verify";
import { createNodeVerifier } from "../../src/verify/node";

const canonical = (source: string): string => {
  const { text, refused } = canonicalLiteral(source);
  return text ?? `refused: ${refused}`;
};

describe("canonicalLiteral", () => {
  it.each([
    ["1", "1"],
    ["+1", "1"],
    ["- 0", "0"],
    ["-0.0", "-0.0"],
    ["1_000", "1000"],
    ["0x3E8", "1000"],
    ["0o17", "15"],
    ["0b1_0", "2"],
    ["00", "0"],
    ["007.5", "7.5"],
    ["1e16", "1e+16"],
    ["1e15", "1000000000000000.0"],
    ["1e-5", "1e-05"],
    ["0.0001", "0.0001"],
    ["1.", "1.0"],
    [".5", "0.5"],
    ["0.1_5", "0.15"],
    ["5e-324", "5e-324"],
    ["1.7976931348623157e308", "1.7976931348623157e+308"],
    ["None", "None"],
    ["True", "True"],
    ["[]", "[]"],
    ["()", "()"],
    ["(1,)", "(1,)"],
    ["1,", "(1,)"],
    ["1, 2", "(1, 2)"],
    ["((1))", "1"],
    ["{}", "{}"],
    ["set()", "set()"],
    ["set ( )", "set()"],
    ["{2, 1, 1}", "{1, 2}"],
    ["{1, True, 1.0}", "{1}"],
    ["{True, 1}", "{True}"],
    ["{'b': 1, 'a': 2, 'b': 3}", "{'a': 2, 'b': 3}"],
    ["{1: 'a', True: 'b'}", "{1: 'b'}"],
    // What an equal key overwrites may be anything.
    [`{0: ${"9".repeat(400)}, -0.0: 1}`, "{0: 1}"],
    ["{1: '<class >', 1.0: 2}", "{1: 2}"],
    ["{(1, 2): [3]}", "{(1, 2): [3]}"],
    ["'it\\'s'", '"it\'s"'],
    ['"a\\"b\'"', "'a\"b\\''"],
    ["r'\\d'", "'\\\\d'"],
    ["'\\d'", "'\\\\d'"],
    ["'\\x41\\101\\u0041\\U00000041'", "'AAAA'"],
    ["'''a\nb'''", "'a\\nb'"],
    ["'a\\\nb'", "'ab'"],
    ["'a' \"b\"", "'ab'"],
    ["'é'", "'\\xe9'"],
    ["'😀'", "'\\U0001f600'"],
    ["'\\ud83d\\ude00'", "'\\ud83d\\ude00'"],
    ["[1, # one\n 2]", "[1, 2]"],
    ["7 # sure", "7"],
    ["  7\n", "7"],
    ["\u00a07\u3000", "7"],
  ])("reads %j as %j", (source, text) => {
    expect(canonical(source)).toBe(text);
  });

  it.each([
    "",
    "1 2",
    "--1",
    "-True",
    "-'a'",
    "007",
    "1__0",
    "1_",
    "_1",
    "0x",
    "1.2.3",
    "1.real",
    "7j",
    "1if",
    "b'a'",
    "f'{1}'",
    "'a' b'c'",
    "u'a",
    "'a\nb'",
    "'\\x4'",
    "'\\U00110000'",
    "'\\N{DASH}'",
    "[1",
    "[1,,2]",
    "(,)",
    "{1: 2, 3}",
    "{1, 2: 3}",
    "{**{}}",
    "[*[1]]",
    "{[1]: 2}",
    "{{1}}",
    "{[]}",
    "set([1])",
    "set",
    "1e999",
    "-1e999",
    "...",
    "nan",
    "x",
    "a=1",
    "1;",
    "1\n2",
    "[i for i in []]",
    "5+2",
    "７",
    "7\u200b",
    "\ufeff7",
    "7\0",
    "'\ud800'",
    `${"[".repeat(22)}${"]".repeat(22)}`,
    `'${"a".repeat(4001)}'`,
    "9".repeat(400),
    `{0: 1, 0: ${"9".repeat(400)}}`,
    `[{${"9".repeat(400)}}]`,
    "{1: {2: '<class >'}}",
  ])("refuses %j", (source) => {
    expect(canonical(source)).toMatch(/^refused: /);
  });

  // What CPython 3.11's ast.literal_eval makes of the text without outer blanks, in canonical text; null if it refuses, or if a
  // stated limit does. Drawn at random; of 100,000 such texts all were read alike.
  it.each(
    readFileSync("tests/verify/literals.jsonl", "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as [string, string | null]),
  )("reads or refuses %j as Python does", (source, text) => {
    expect(canonicalLiteral(source).text ?? null).toBe(text);
  });

  it("stays fast on nested brackets", () => {
    const start = performance.now();
    expect(canonical("(".repeat(3900))).toMatch(/^refused/);
    expect(canonical(`${"((".repeat(10)}1${",),)".repeat(10)}`)).toMatch(/^\(/);
    expect(performance.now() - start).toBeLessThan(500);
  });
});

/** Random literal text: every shape the language has, in odd spellings. */
const atom = fc.oneof(
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value.toExponential()),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }).map((value) => `${value}`),
  fc.constantFrom(
    "None",
    "True",
    "False",
    "set()",
    "0x1F",
    "1_0",
    "'a' 'b'",
    "-0.0",
    "'\\x7f\\t'",
    "r'\\n'",
    "'\\ud800'",
  ),
  fc.string({ unit: "grapheme", maxLength: 6 }).map((value) => JSON.stringify(value)),
);
const literal = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    atom,
    fc.array(tie("value"), { maxLength: 4 }).map((items) => `[${items.join(",")}]`),
    fc.array(tie("value"), { maxLength: 4 }).map((items) => `(${items.map((item) => `${item} ,`).join("\n")})`),
    fc.array(tie("value"), { minLength: 1, maxLength: 4 }).map((items) => `{${items.join(", ")}}`),
    fc
      .array(fc.tuple(atom, tie("value")), { maxLength: 4 })
      .map((items) => `{${items.map(([key, value]) => `${key}: ${value}`).join(", ")}}`),
    fc.string({
      unit: fc.constantFrom("1", "0", ".", "e", "-", "_", "'", '"', "\\", "[", "]", "(", ")", ",", " ", "x", "r"),
      maxLength: 8,
    }),
  ),
})).value;

describe("canonicalLiteral beside Python", () => {
  let verifier: Verifier;
  beforeAll(async () => {
    verifier = await createNodeVerifier({ spare: false });
  });
  afterAll(() => verifier.dispose());

  it("agrees with the guard on 1500 random texts", async () => {
    const texts = fc.sample(literal, { numRuns: 1500, seed: 7 }).filter((text) => /[^\s\\]/.test(text));
    const batches = Array.from({ length: Math.ceil(texts.length / 100) }, (_, index) =>
      texts.slice(100 * index, 100 * index + 100),
    );
    const results = await verifier.run(batches.map((inputs) => ({ program: "def f(*x): return x", inputs })));
    const python = results.flatMap(({ outputs }) => outputs);
    let values = 0;
    for (const [index, text] of texts.entries()) {
      // The guard reads argument lists, so a value stands as the only item of a tuple here.
      const ours = canonicalLiteral(`(\n${text}\n${text.trimEnd().endsWith(",") ? "" : ","})`).text ?? null;
      expect([text, ours]).toEqual([text, python[index]]);
      values += ours === null ? 0 : 1;
    }
    expect(values).toBeGreaterThan(500);
  });
});
