import { KelvinError, largest } from "../contracts";
import { CATALOGUE_LIMITS } from "../verify";
import { type CaseResult, judgeCases, parseCases } from "../verify/cases";
import { createNodeVerifier } from "../verify/node";
import { readArguments } from "./arguments";
import { readTextFile } from "./disk";

const USAGE = "npm run verify -- CASES.json [--json]";

/** `verify`: prints one verdict per case. Exit status 0 if every case got an expected verdict, else 1. */
export async function main(argv: string[]): Promise<number> {
  const options = readArguments(argv, { json: "flag" } as const, USAGE);
  const [path, ...others] = options.positionals;
  if (path === undefined || others.length > 0) throw new KelvinError("input", "give one file of cases", USAGE);
  const cases = parseCases(readText(path), path);
  const verifier = await createNodeVerifier({ limits: CATALOGUE_LIMITS, notice: console.error });
  try {
    const results = await judgeCases(verifier, cases);
    const failed = results.filter(({ passed }) => !passed).length;
    console.log(options.flag("json") ? toJson(results, failed) : report(results, cases, failed));
    return failed === 0 ? 0 : 1;
  } finally {
    await verifier.dispose();
  }
}

function readText(path: string): string {
  try {
    return readTextFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new KelvinError("input", `cannot read ${path} (${code})`, USAGE);
  }
}

function toJson(results: readonly CaseResult[], failed: number): string {
  const shown = results.map(({ id, verdict, reason }) => ({ id, verdict, reason }));
  return JSON.stringify({ results: shown, passed: results.length - failed, failed });
}

function report(
  results: readonly CaseResult[],
  cases: readonly { expect: readonly string[] }[],
  failed: number,
): string {
  const width = largest(results.map(({ id }) => id.length));
  const lines = results.map(({ id, verdict, reason, passed }, index) => {
    const expected = passed ? "" : `   expected ${cases[index]?.expect.join(" or ")}`;
    return `${passed ? "ok  " : "FAIL"}  ${id.padEnd(width)}  ${verdict.padEnd(16)}  ${reason.replaceAll("\n", " ")}${expected}`.trimEnd();
  });
  return [...lines, `${results.length - failed} passed, ${failed} failed`].join("\n");
}
