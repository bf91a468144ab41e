import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { parseCases } from "../../src/verify/cases";
import type { Job } from "../../src/verify/jobs";
import { createNodePool } from "../../src/verify/node";

/** Programs asked for; KELVIN_SOAK=10000 for the long run. */
const PROGRAMS = Number(process.env["KELVIN_SOAK"] ?? 400);
const LIMITS = { polls: 2000, milliseconds: 1000 };
const PLAIN = { inputs: ["7"], twice: true, probe: false, describe: false, isolate: false, seed: 0 };
const GOOD: Job = { ...PLAIN, program: "def f(x): return [x*7+3, 'ok']" };

const expression = fc.letrec<{ e: string }>((tie) => ({
  e: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.constantFrom(
      "x",
      "y",
      "7",
      "0",
      "'a'",
      "[]",
      "None",
      "1.5",
      "10**9",
      "f",
      "print",
      "(yield)",
      "__import__",
      "{}",
      "range(9**9)",
    ),
    fc
      .tuple(tie("e"), fc.constantFrom("+", "*", "-", "**", "%", "//", "<<", "in", "is", "and", "=="), tie("e"))
      .map((parts) => `(${parts.join(" ")})`),
    fc
      .tuple(
        fc.constantFrom("len", "sum", "str", "list", "sorted", "f", "type", "iter", "set", "tuple", "max", "eval"),
        tie("e"),
      )
      .map(([name, value]) => `${name}(${value})`),
    fc
      .tuple(tie("e"), fc.constantFrom("append", "__class__", "pop", "join", "format", "items", "copy"))
      .map(([value, name]) => `${value}.${name}`),
    fc.tuple(tie("e"), tie("e")).map(([a, b]) => `[${a} for y in ${b}]`),
  ),
})).e;
const statement = fc
  .tuple(
    fc.constantFrom("x = ", "x += ", "return ", "while ", "for y in ", "if ", "y = ", "assert ", "raise "),
    expression,
  )
  .map(([head, value]) => (/^(while|for|if)/.test(head) ? `${head}${value}: x = ${value}` : head + value));
const random = fc
  .array(statement, { minLength: 1, maxLength: 4 })
  .map((lines) => `def f(x):\n y = 1\n ${lines.join("\n ")}`);

it(`stays right and small over ${PROGRAMS} random and hostile programs`, async () => {
  const text = readFileSync(new URL("./cases.json", import.meta.url), "utf8");
  // Programs that hang or wait for the clock cost seconds each: the catalogue's own test has them.
  const slow = new Set(["E18", "E23"]);
  const hostile = parseCases(text, "cases.json").flatMap((one) =>
    one.kind === "proposal" && !slow.has(one.id) ? [one.program] : [],
  );
  const programs = fc
    .sample(random, { numRuns: PROGRAMS, seed: 3 })
    .map((program, index) => (index % 4 ? program : hostile[(index / 4) % hostile.length]!));
  const pool = await createNodePool({ spare: false });
  try {
    const jobs = programs.flatMap((program): Job[] => [{ ...PLAIN, program }, GOOD]);
    const ends = new Map<string, number>();
    for (let at = 0; at < jobs.length; at += 100) {
      const results = await pool.run(jobs.slice(at, at + 100), LIMITS);
      for (const [index, { report, stop }] of results.entries()) {
        if (index % 2) expect(report).toMatchObject({ results: [["ok", "[52, 'ok']"]] });
        else ends.set(stop ?? report!.status, (ends.get(stop ?? report!.status) ?? 0) + 1);
      }
    }
    expect(ends.get("hang") ?? 0).toBe(0);
    expect(ends.get("denied") ?? 0).toBe(0);
    expect(ends.get("ran")).toBeGreaterThan(PROGRAMS / 20);
    expect(ends.get("refused")).toBeGreaterThan(PROGRAMS / 20);
    // A worker's linear memory is capped and replaced when grown: the process stays below two workers' worth.
    expect(process.memoryUsage().rss / 2 ** 20).toBeLessThan(1200);
  } finally {
    await pool.dispose();
  }
}, 600_000);
