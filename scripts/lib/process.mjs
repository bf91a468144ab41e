import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

/** The folder of package.json. */
export const projectRoot = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** Dawn's library prints this for every adapter, bypassing Node. Readers cannot act on it. */
const dawnNotice = /^Warning: maxDynamic\w+ artificially reduced .*\n/gm;

/** @param {string} text what a program wrote to stderr */
export const withoutDawnNotices = (text) => text.replaceAll(dawnNotice, "");

/** @type {readonly NodeJS.Signals[]} */
const forwarded = ["SIGINT", "SIGTERM", "SIGHUP"];

/** A set-up step failed. The message is for the reader; no stack is shown. */
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
 * Like {@link run}, but shows the program's output only if it failed.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {number} exit status
 */
export function runQuietly(program, args, env = process.env) {
  const options = { cwd: projectRoot, env, encoding: /** @type {const} */ ("utf8"), maxBuffer: 64 * 1024 * 1024 };
  const result = spawnSync(program, args, options);
  const status = result.error ? 127 : (result.status ?? 1);
  if (status !== 0) console.error(`${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}`.trim());
  return status;
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
 * Runs a program and returns its stdout; null if it failed.
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
 * Runs a program in our terminal, without Dawn's notices.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeout?: number }} [options]
 * @returns {Promise<number>} exit status, as a shell gives it: 127 if the program does not exist, 128 + n after signal n
 */
export function runInForeground(program, args, options = {}) {
  const child = spawn(program, args, { ...options, stdio: ["inherit", "inherit", "pipe"] });
  child.stderr.setEncoding("utf8").on("data", (text) => process.stderr.write(withoutDawnNotices(text)));
  // The program decides what an interrupt does (perhaps write a checkpoint); we wait for it. A SIGINT from the keyboard reaches
  // every process of the terminal's group, so it is not forwarded.
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => void (signal === "SIGINT" && process.stdin.isTTY ? undefined : child.kill(signal));
  for (const signal of forwarded) process.on(signal, forward);
  const endWatch = whenOrphaned(() => child.kill("SIGTERM"));
  return new Promise((resolve) => {
    /** @param {number} status */
    const end = (status) => {
      endWatch();
      for (const signal of forwarded) process.off(signal, forward);
      resolve(status);
    };
    child.on("error", (error) => {
      console.error(`kelvin: ${error.message}`);
      end(127);
    });
    child.on("close", (code, signal) => end(signal ? 128 + constants.signals[signal] : (code ?? 1)));
  });
}

/**
 * npm and its shell may be killed in a way that they cannot pass on. Calls back when one of the two is gone.
 * @param {() => void} act
 * @returns {() => void} ends the watch
 */
function whenOrphaned(act) {
  const started = process.env["npm_lifecycle_event"] && process.platform !== "win32";
  const parents = started ? [process.ppid, parentOf(process.ppid)].filter((pid) => pid > 1) : [];
  const timer = setInterval(() => {
    if (parents.every(isAlive)) return;
    clearInterval(timer);
    act();
  }, 500);
  timer.unref();
  return () => clearInterval(timer);
}

/** @param {number} pid */
function parentOf(pid) {
  // Linux tells without another program, which a bare machine may lack.
  const status = `/proc/${pid}/status`;
  if (existsSync(status)) return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(status, "utf8"))?.[1] ?? 0);
  return Number(spawnSync("ps", ["-o", "ppid=", "-p", `${pid}`], { encoding: "utf8" }).stdout) || 0;
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // A process of somebody else is alive all the same.
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

/**
 * On Windows npm and npx are `.cmd` files, which only a shell can start.
 * @param {string} program
 */
function needsShell(program) {
  return process.platform === "win32" && (program === "npm" || program === "npx");
}

/**
 * Runs a script's main function. A SetUpError becomes one line and exit status 1.
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

/**
 * The message of an error, without terminal colours.
 * @param {unknown} error
 */
export function messageOf(error) {
  return stripVTControlCharacters(error instanceof Error ? error.message : String(error));
}
