// npm test [-- PART…]: installs what is missing, runs all parts (or those named), and ends with `N passed, M failed`.
import { bundleCommands } from "./lib/bundle.mjs";
import { ensureDependencies } from "./lib/dependencies.mjs";
import { prepareFirefox, prepareMachine } from "./lib/machine.mjs";
import { packageBinary, programPart, skippedPart, vitestPart } from "./lib/parts.mjs";
import { runMain, SetUpError } from "./lib/process.mjs";

/** @typedef {import("./lib/parts.mjs").PartResult} PartResult */
/** @typedef {import("./lib/machine.mjs").Machine} Machine */

const softwareAdapters = /** @type {const} */ (["lavapipe", "swiftshader"]);

/**
 * Runs the compiler once per settings file: everything, and the engine without the page's globals.
 * @param {string} name
 * @param {string} settings
 */
const compile = (name, settings) =>
  programPart(name, process.execPath, [packageBinary("typescript", "tsc"), "-p", settings]);

const biome = () => [packageBinary("@biomejs/biome", "biome"), "check", "--error-on-warnings"];

/** Parts that only read the sources. @type {Record<string, () => Promise<PartResult | PartResult[]>>} */
const sourceParts = {
  types: async () => [await compile("types", "."), await compile("types (engine)", "tsconfig.engine.json")],
  lint: () => programPart("lint", process.execPath, biome()),
  imports: () => vitestPart("imports", "unit", {}, ["tests/imports.test.ts"]),
  unit: () => vitestPart("unit", "unit*"),
};

/** Parts that need a WebGPU adapter or a browser. @type {Record<string, (machine: Machine, main: string) => Promise<PartResult[]>>} */
const machineParts = {
  gpu: (machine) => onEachAdapter(machine, "gpu", (name, env) => vitestPart(name, "gpu*", env, gpuFiles(env))),
  golden: (machine, main) =>
    onEachAdapter(machine, "golden", (name, env) =>
      programPart(name, process.execPath, [main, "golden", "tests/golden"], env),
    ),
  e2e: async ({ chromium }) => {
    if (!chromium) return [skippedPart("e2e", "no Chromium")];
    prepareFirefox();
    return [await vitestPart("e2e", "e2e*", { KELVIN_CHROMIUM: chromium })];
  },
};

/**
 * What is about a GPU's kernels, on every adapter. Everything else that the engine does is tested on the CPU engine, which runs
 * the same code above the device, faster.
 */
const aboutKernels = ["ops", "gpu", "node-adapter", "golden", "halves"];

/** What is about any WebGPU device, whatever computes: with the adapter that compiles fast. Chromium's is SwiftShader. */
const aboutDevices = ["failures", "tune", "batching", "pause", "soak", "portability"];

/**
 * The test files that an adapter runs; an empty list means all of them.
 * @param {NodeJS.ProcessEnv} env
 */
function gpuFiles({ KELVIN_ADAPTER: adapter }) {
  if (!softwareAdapters.some((one) => one === adapter)) return [];
  const names = adapter === "swiftshader" ? aboutKernels : [...aboutKernels, ...aboutDevices];
  return names.map((name) => (name === "ops" ? "tests/gpu/ops/" : `tests/gpu/${name}.test.ts`));
}

/** `unit` includes the import rules. */
const allParts = ["types", "lint", "unit", "gpu", "golden", "e2e"];

/**
 * Runs a part on the CPU engine, on hardware, if there is any, and on each software adapter found; one process can hold only one software adapter.
 * @param {Machine} machine
 * @param {string} part
 * @param {(name: string, env: NodeJS.ProcessEnv) => Promise<PartResult>} runPart
 */
async function onEachAdapter({ adapters }, part, runPart) {
  const results = [];
  for (const kind of ["cpu", ...(adapters.hardware ? ["hardware"] : []), ...softwareAdapters]) {
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
 * Fails on a machine without any WebGPU adapter or without a browser. One of the two software adapters is enough.
 * @param {Machine} machine
 * @returns {PartResult}
 */
function setUpPart({ adapters, chromium, missing }) {
  const passed = Object.keys(adapters).some((kind) => kind !== "cpu") && chromium ? 1 : 0;
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
 * Counts a failure of the set-up as a failed test, so that the last line is always printed.
 * @param {unknown} error
 * @returns {PartResult[]}
 */
function stopped(error) {
  if (!(error instanceof SetUpError)) throw error;
  return [{ name: "set-up", passed: 0, failed: 1, skipped: 0, seconds: 0, notes: error.message.split("\n") }];
}

/**
 * Prints the table, and the counts on the last line.
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
