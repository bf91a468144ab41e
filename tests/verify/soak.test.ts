import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { parseCases } from "../../src/verify/cases";
import { type Job, ONE_CALL } from "../../src/verify/jobs";
import { createNodePool } from "../../src/verify/node";

/** Programs of the short soak, and of the long one. */
const SHORT = 400;
const LONG = 10_000;
const LONG_COMMAND = "KELVIN_SOAK=1 npx vitest run --project unit tests/verify/soak.test.ts";
const LIMITS = { polls: 2000, milliseconds: 1000 };
/** Jobs sent together; divides a tenth of either soak. */
const BATCH = 80;
const PLAIN = { ...ONE_CALL, inputs: ["7"], twice: true };
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

/** What a soak came to. */
interface Soak {
  readonly ends: ReadonlyMap<string, number>;
  /** Megabytes of the process, worker included, after each tenth of the programs. */
  readonly megabytes: readonly number[];
}

/** Random programs, every fourth one hostile, each followed by a good one that must give its value. */
async function soak(count: number): Promise<Soak> {
  const text = readFileSync(new URL("./cases.json", import.meta.url), "utf8");
  // Programs that hang or wait for the clock cost seconds each: the catalogue's own test has them.
  const slow = new Set(["E18", "E23"]);
  const hostile = parseCases(text, "cases.json").flatMap((one) =>
    one.kind === "proposal" && !slow.has(one.id) ? [one.program] : [],
  );
  const programs = fc
    .sample(random, { numRuns: count, seed: 3 })
    .map((program, index) => (index % 4 ? program : hostile[(index / 4) % hostile.length]!));
  const pool = await createNodePool({ spare: false });
  try {
    const jobs = programs.flatMap((program): Job[] => [{ ...PLAIN, program }, GOOD]);
    const ends = new Map<string, number>();
    const megabytes: number[] = [];
    const tenth = jobs.length / 10;
    for (let at = 0; at < jobs.length; at += BATCH) {
      const results = await pool.run(jobs.slice(at, at + BATCH), LIMITS);
      expect(results).toHaveLength(BATCH);
      for (const [index, { report, stop }] of results.entries()) {
        if (index % 2) expect(report).toMatchObject({ results: [["ok", "[52, 'ok']"]] });
        else ends.set(stop ?? report!.status, (ends.get(stop ?? report!.status) ?? 0) + 1);
      }
      if ((at + BATCH) % tenth === 0) megabytes.push(Math.round(process.memoryUsage().rss / 2 ** 20));
    }
    return { ends, megabytes };
  } finally {
    await pool.dispose();
  }
}

function expectSound({ ends, megabytes }: Soak, count: number): void {
  expect(ends.get("hang") ?? 0).toBe(0);
  expect(ends.get("denied") ?? 0).toBe(0);
  expect(ends.get("ran")).toBeGreaterThan(count / 20);
  expect(ends.get("refused")).toBeGreaterThan(count / 20);
  // A worker's linear memory is capped and replaced when grown: the process stays below two workers' worth.
  expect(Math.max(...megabytes)).toBeLessThan(1200);
}

it(`stays right and small over ${SHORT} random and hostile programs`, async () => {
  expectSound(await soak(SHORT), SHORT);
}, 600_000);

it(`stays right, small and flat over ${LONG} random and hostile programs`, async ({ skip }) => {
  if (!process.env["KELVIN_SOAK"]) {
    const reason = `takes minutes; run it with ${LONG_COMMAND}`;
    console.log(`The long soak ${reason}`);
    skip(reason);
  }
  const start = performance.now();
  const result = await soak(LONG);
  console.log(
    `${LONG} programs in ${Math.round((performance.now() - start) / 1000)} s; ` +
      `ends ${JSON.stringify(Object.fromEntries(result.ends))}; megabytes ${result.megabytes.join(" ")}`,
  );
  expectSound(result, LONG);
  // Flat: the second half needs no more than the first, but for what the collector has not got round to.
  const half = result.megabytes.length / 2;
  const [first, second] = [result.megabytes.slice(0, half), result.megabytes.slice(half)];
  expect(Math.max(...second)).toBeLessThan(Math.max(...first) + 150);
}, 1_800_000);
