// npm run train|evaluate|verify|golden|pretrain|…: installs and bundles what is missing, then hands over to the command line.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { bundleCommands } from "./lib/bundle.mjs";
import { ensureDependencies } from "./lib/dependencies.mjs";
import { runMain } from "./lib/process.mjs";

/** Dawn's library writes this for every adapter, past Node; it says nothing a reader can act on. */
const dawnNotice = /^Warning: maxDynamic\w+ artificially reduced .*\n/gm;

/** @type {readonly NodeJS.Signals[]} */
const forwarded = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs the bundled command line in the caller's folder, so that relative paths mean what the caller typed.
 * @param {string} main
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
function handOver(main, args) {
  const stdio = /** @type {const} */ (["inherit", "inherit", "pipe"]);
  const child = spawn(process.execPath, ["--enable-source-maps", main, ...args], { stdio: [...stdio] });
  child.stderr?.setEncoding("utf8").on("data", (text) => process.stderr.write(text.replaceAll(dawnNotice, "")));
  // The command decides what an interrupt means (a checkpoint, perhaps); we only wait for it.
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(signal ? 128 + constants.signals[signal] : (code ?? 1)));
  });
}

await runMain(async () => {
  ensureDependencies();
  return handOver(await bundleCommands(), process.argv.slice(2));
});
