import { KelvinError } from "../contracts";
import { openEngine } from "../model/engine";
import { readArguments } from "./arguments";
import { readCases } from "./golden-case";
import { type Comparison, checkCase } from "./golden-check";
import { ADAPTER_CHOICES, openNodeAdapter, SIMD_CHOICES } from "./node-adapter";

const USAGE = "npm run golden -- DIR… [--adapter NAME] [--simd plain|relaxed] [--json]";

/** Checks the engine against directories of reference vectors; returns 1 if anything is out of tolerance. */
export async function main(argv: string[]): Promise<number> {
  const given = readArguments(argv, { adapter: "value", simd: "value", json: "flag" }, USAGE);
  if (given.positionals.length === 0) throw new KelvinError("input", "no directory of cases given", USAGE);
  const choice = given.choice("adapter", ADAPTER_CHOICES, "auto");
  const cases = given.positionals.flatMap(readCases);
  const adapter = await openNodeAdapter(choice, given.choice("simd", SIMD_CHOICES, "plain"));
  const { name } = adapter;
  const engine = await openEngine(adapter);
  if (!given.flag("json")) console.log(`adapter: ${name}`);
  const results: Record<string, Comparison[]> = {};
  for (const golden of cases) {
    const comparisons = await checkCase(engine, golden);
    results[golden.manifest.name] = comparisons;
    if (!given.flag("json")) print(golden.manifest.name, comparisons);
  }
  const all = Object.values(results).flat();
  const failed = all.filter((c) => !(c.error <= c.tolerance)).length;
  if (given.flag("json")) console.log(JSON.stringify({ adapter: name, results, passed: all.length - failed, failed }));
  else console.log(`${all.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function print(name: string, comparisons: readonly Comparison[]): void {
  console.log(`\n${name}`);
  for (const { group, worst, error, tolerance } of comparisons) {
    const mark = error <= tolerance ? "ok  " : "FAIL";
    const where = worst === group ? "" : `  (${worst})`;
    console.log(`  ${mark} ${group.padEnd(34)} ${error.toExponential(1)}  ≤ ${tolerance.toExponential(0)}${where}`);
  }
}
