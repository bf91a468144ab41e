import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { projectRoot, runInForeground } from "./process.mjs";

/** @typedef {{ name: string, passed: number, failed: number, skipped: number, seconds: number, notes: string[] }} PartResult */
/** @typedef {{ testResults: { name: string, status: string, message?: string, assertionResults: { status: string, fullName: string, failureMessages?: string[] }[] }[] }} VitestReport */

const reports = join(projectRoot, "dist", "test");
const longestPartMs = 30 * 60_000;

/**
 * A part that is one program. It counts as one test, passed if the exit status is 0.
 * @param {string} name
 * @param {string} program
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<PartResult>}
 */
export async function programPart(name, program, args, env = {}) {
  const { status, seconds } = await timed(program, args, env);
  const passed = status === 0 ? 1 : 0;
  return { name, passed, failed: 1 - passed, skipped: 0, seconds, notes: [] };
}

/**
 * A part that is one vitest project.
 * @param {string} name of the part
 * @param {string} project
 * @param {NodeJS.ProcessEnv} [env]
 * @param {readonly string[]} [filters] parts of file names; all files without any
 * @returns {Promise<PartResult>}
 */
export async function vitestPart(name, project, env = {}, filters = []) {
  const report = join(reports, `${name.replaceAll(/\W+/g, "-")}.json`);
  mkdirSync(reports, { recursive: true });
  rmSync(report, { force: true });
  const args = [
    "run",
    "--project",
    project,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...filters,
  ];
  const { status, seconds } = await timed(process.execPath, [packageBinary("vitest", "vitest"), ...args], env);
  return { name, seconds, ...countReport(report, status) };
}

/**
 * A part that cannot run here.
 * @param {string} name
 * @param {string} reason
 * @returns {PartResult}
 */
export function skippedPart(name, reason) {
  console.log(`${name}: skipped: ${reason}`);
  return { name, passed: 0, failed: 0, skipped: 1, seconds: 0, notes: [reason] };
}

/**
 * Path of a package's program. Calling it without a shell or npx gives its own exit status.
 * @param {string} name of the package
 * @param {string} program
 */
export function packageBinary(name, program) {
  const folder = join(projectRoot, "node_modules", name);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return join(folder, typeof bin === "string" ? bin : bin[program]);
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
async function timed(program, args, env) {
  const start = performance.now();
  const options = { cwd: projectRoot, env: { ...process.env, ...env }, timeout: longestPartMs };
  const status = await runInForeground(program, args, options);
  return { status, seconds: (performance.now() - start) / 1000 };
}

/**
 * Counts a report's tests. A file that does not load, and an error outside any test, have no failed test in the report; both
 * count as one failure here, so that a red run is never shown as green.
 * @param {string} path of vitest's report
 * @param {number} status vitest's exit status
 */
export function countReport(path, status) {
  if (!existsSync(path)) return { passed: 0, failed: 1, skipped: 0, notes: ["vitest wrote no report"] };
  /** @type {VitestReport} */
  const report = JSON.parse(readFileSync(path, "utf8"));
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const unloaded = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some(isFailed),
  );
  const failed = tests.filter(isFailed);
  const skipped = tests.filter(isSkipped);
  const notes = [
    ...failed.map((test) => `failed: ${test.fullName}`),
    ...unloaded.map((file) => `does not load: ${relative(projectRoot, file.name)}`),
    ...skipped.map((test) => `skipped: ${test.fullName}`),
    ...tests.filter(isFlaky).map((test) => `passed at the second try: ${test.fullName}: ${firstLine(test)}`),
  ];
  const isUnexplained = failed.length + unloaded.length === 0 && (status !== 0 || tests.length === 0);
  if (isUnexplained) notes.push("vitest failed outside any test, or ran none");
  const passed = tests.length - failed.length - skipped.length;
  return { passed, failed: failed.length + unloaded.length + (isUnexplained ? 1 : 0), skipped: skipped.length, notes };
}

/** @param {{ status: string }} test */
function isFailed({ status }) {
  return status === "failed";
}

/**
 * End-to-end tests have a second try: a browser on a loaded machine now and then draws a frame late. It is told, never silent.
 * @param {{ status: string, failureMessages?: string[] }} test
 */
function isFlaky({ status, failureMessages = [] }) {
  return status === "passed" && failureMessages.length > 0;
}

/** @param {{ failureMessages?: string[] }} test */
function firstLine({ failureMessages = [] }) {
  return failureMessages[0]?.split("\n")[0];
}

/** @param {{ status: string }} test */
function isSkipped({ status }) {
  return status !== "passed" && status !== "failed";
}
