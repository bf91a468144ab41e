import { spawnSync } from "node:child_process";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder that holds package.json. */
export const projectRoot = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** A set-up step that cannot go on; its message is for the reader, so no stack is shown. */
export class SetUpError extends Error {}

/**
 * Runs a program in the project root. Its output goes to our stderr, so that stdout stays free for results.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {number} exit status; 127 when the program does not exist
 */
export function run(program, args, env = process.env) {
  const result = spawnSync(program, args, {
    cwd: projectRoot,
    env,
    stdio: ["ignore", 2, 2],
    shell: needsShell(program),
  });
  return result.error ? 127 : (result.status ?? 1);
}

/**
 * Like {@link run}, but a failure ends the set-up with `message`.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} message
 */
export function runOrFail(program, args, message) {
  const status = run(program, args);
  if (status !== 0) throw new SetUpError(`${message} (${program} ended with ${status})`);
}

/**
 * Runs a program and returns what it printed on stdout, or null when it failed.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | null}
 */
export function output(program, args, env = process.env) {
  const result = spawnSync(program, args, {
    cwd: projectRoot,
    env,
    encoding: "utf8",
    shell: needsShell(program),
    timeout: 120_000,
  });
  return result.error || result.status !== 0 ? null : result.stdout;
}

/**
 * On Windows npm and npx are `.cmd` files, which only a shell can start.
 * @param {string} program
 */
function needsShell(program) {
  return process.platform === "win32" && (program === "npm" || program === "npx");
}

/**
 * Runs a script's main function: a SetUpError becomes one line and exit status 1.
 * @param {() => Promise<number>} main
 */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    console.error(`kelvin: ${error.message}`);
    process.exitCode = 1;
  }
}
