// npm test [-- PART…]: installs what is missing, runs all parts (or the named ones), ends with `N passed, M failed`.
import { bundleCommands } from "./lib/bundle.mjs";
import { ensureDependencies } from "./lib/dependencies.mjs";
import { prepareMachine } from "./lib/machine.mjs";
import { packageBinary, programPart, skippedPart, vitestPart } from "./lib/parts.mjs";
import { runMain, SetUpError } from "./lib/process.mjs";

/** @typedef {import("./lib/parts.mjs").PartResult} PartResult */
/** @typedef {import("./lib/machine.mjs").Machine} Machine */

const softwareAdapters = /** @type {const} */ (["lavapipe", "swiftshader"]);

/**
 * A compiler run per set of settings: everything, and the engine without the page's globals.
 * @param {string} name
 * @param {string} settings
 */
const compile = (name, settings) =>
  programPart(name, process.execPath, [packageBinary("typescript", "tsc"), "-p", settings]);

const biome = () => [packageBinary("@biomejs/biome", "biome"), "check", "--error-on-warnings"];

/** Parts that look at the sources only. @type {Record<string, () => Promise<PartResult | PartResult[]>>} */
const sourceParts = {
  types: async () => [await compile("types", "."), await compile("types (engine)", "tsconfig.engine.json")],
  lint: () => programPart("lint", process.execPath, biome()),
  imports: () => vitestPart("imports", "unit", {}, ["tests/imports.test.ts"]),
  unit: () => vitestPart("unit", "unit"),
};

/** Parts that need a WebGPU adapter or a browser. @type {Record<string, (machine: Machine, main: string) => Promise<PartResult[]>>} */
const machineParts = {
  gpu: (machine) => onEachAdapter(machine, "gpu", (name, env) => vitestPart(name, "gpu", env)),
  golden: (machine, main) =>
    onEachAdapter(machine, "golden", (name, env) =>
      programPart(name, process.execPath, [main, "golden", "tests/golden"], env),
    ),
  e2e: async ({ chromium }) =>
    chromium ? [await vitestPart("e2e", "e2e", { KELVIN_CHROMIUM: chromium })] : [skippedPart("e2e", "no Chromium")],
};

/** `unit` holds the import rules too. */
const allParts = ["types", "lint", "unit", "gpu", "golden", "e2e"];

/**
 * Hardware where there is some, and both software adapters where they are: a process can hold one of them only.
 * @param {Machine} machine
 * @param {string} part
 * @param {(name: string, env: NodeJS.ProcessEnv) => Promise<PartResult>} runPart
 */
async function onEachAdapter({ adapters }, part, runPart) {
  const results = [];
  for (const kind of [...(adapters.hardware ? ["hardware"] : []), ...softwareAdapters]) {
    const name = `${part} (${kind})`;
    const isHere = Object.hasOwn(adapters, kind);
    const missing = `no ${kind} adapter on this machine`;
    results.push(isHere ? await runPart(name, { KELVIN_ADAPTER: kind }) : skippedPart(name, missing));
  }
  return results;
}

/** @param {readonly string[]} names */
async function runParts(names) {
  ensureDependencies();
  const main = await bundleCommands();
  const results = [];
  /** @type {Machine} */
  let machine = { adapters: {}, chromium: null, missing: [] };
  if (names.some((name) => Object.hasOwn(machineParts, name))) {
    machine = await prepareMachine(main);
    results.push(setUpPart(machine));
  }
  for (const name of names) {
    console.log(`\n== ${name}`);
    const result = await (sourceParts[name]?.() ?? machineParts[name]?.(machine, main) ?? []);
    for (const one of [result].flat()) results.push(one);
  }
  return results;
}

/**
 * A machine without any adapter or without a browser cannot say that all is well; one of two adapters will do.
 * @param {Machine} machine
 * @returns {PartResult}
 */
function setUpPart({ adapters, chromium, missing }) {
  const passed = Object.keys(adapters).length > 0 && chromium ? 1 : 0;
  return {
    name: "set-up",
    passed,
    failed: 1 - passed,
    skipped: 0,
    seconds: 0,
    notes: missing.map((one) => `missing ${one}`),
  };
}

/**
 * Whatever stops the set-up is a failure that is counted, so that the last line is always there.
 * @param {unknown} error
 * @returns {PartResult[]}
 */
function stopped(error) {
  if (!(error instanceof SetUpError)) throw error;
  return [{ name: "set-up", passed: 0, failed: 1, skipped: 0, seconds: 0, notes: error.message.split("\n") }];
}

/**
 * The table, and the counts alone on the very last line.
 * @param {readonly PartResult[]} results
 */
function summarize(results) {
  console.log("");
  for (const { name, passed, failed, skipped, seconds, notes } of results) {
    const skips = skipped > 0 ? `, ${skipped} skipped` : "";
    console.log(`${name.padEnd(20)} ${passed} passed, ${failed} failed${skips}  (${seconds.toFixed(0)} s)`);
    for (const note of notes) console.log(`${" ".repeat(20)} ${note}`);
  }
  /** @param {(result: PartResult) => number} count */
  const total = (count) => results.reduce((sum, result) => sum + count(result), 0);
  const [passed, failed, skipped] = [total((r) => r.passed), total((r) => r.failed), total((r) => r.skipped)];
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

/** @param {readonly string[]} argv */
async function main(argv) {
  const known = [...Object.keys(sourceParts), ...Object.keys(machineParts)];
  const unknown = argv.find((name) => !known.includes(name));
  if (unknown) {
    console.error(`kelvin: there is no part "${unknown}"; parts: ${known.join(", ")}`);
    return 2;
  }
  return summarize(await runParts(argv.length > 0 ? argv : allParts).catch(stopped));
}

await runMain(() => main(process.argv.slice(2)));
