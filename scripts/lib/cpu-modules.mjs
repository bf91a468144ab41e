import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot, SetUpError } from "./process.mjs";
import { shaderTexts } from "./shader-texts.mjs";

/** The CPU engine's two modules, made from one source. */
const modules = /** @type {const} */ (["plain", "relaxed"]);
/** @typedef {(typeof modules)[number]} Simd */

const source = join(projectRoot, "shaders", "module.ts");
const cache = join(projectRoot, ".cache", "cpu");
const prefix = "kelvin:cpu/";
const shaders = "kelvin:shaders";

/** @param {Simd} simd */
const options = (simd) => [
  ...["--optimizeLevel", "3", "--noAssert", "--runtime", "stub", "--importMemory", "--initialMemory", "1"],
  ...["--enable", "simd", ...(simd === "relaxed" ? ["--enable", "relaxed-simd"] : [])],
  // Not an exported function's own fault: v128 cannot be told to JavaScript, and none of ours tells it any.
  ...["--disableWarning", "201"],
];

/** @returns {string[]} the AssemblyScript sources, in a fixed order */
export function kernelSources() {
  const folder = join(projectRoot, "shaders");
  const found = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return found
    .filter((name) => name.endsWith(".ts"))
    .sort()
    .map((name) => join(folder, name));
}

/**
 * The bytes of a module, compiled when its sources changed.
 * @param {Simd} simd
 * @returns {Promise<Uint8Array>}
 */
export async function cpuModule(simd) {
  const file = join(cache, `${simd}-${sourceHash(simd)}.wasm`);
  if (existsSync(file)) return readFileSync(file);
  const bytes = await compile(simd);
  mkdirSync(cache, { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, bytes);
  renameSync(unfinished, file);
  return bytes;
}

/** @param {Simd} simd */
function sourceHash(simd) {
  const hash = createHash("sha256").update(options(simd).join(" "));
  hash.update(readFileSync(join(projectRoot, "node_modules/assemblyscript/package.json")));
  for (const path of kernelSources())
    hash.update(path.slice(projectRoot.length)).update("\0").update(readFileSync(path));
  return hash.digest("hex").slice(0, 16);
}

/**
 * @param {Simd} simd
 * @returns {Promise<Uint8Array>}
 */
async function compile(simd) {
  const { default: asc } = await import("assemblyscript/asc");
  /** @type {Uint8Array | null} */
  let bytes = null;
  let complaints = "";
  const { error } = await asc.main([source, "--outFile", "module.wasm", "--baseDir", projectRoot, ...options(simd)], {
    writeFile: (_name, contents) => {
      bytes = /** @type {Uint8Array} */ (contents);
    },
    stderr: {
      write: (text) => {
        complaints += String(text);
      },
    },
  });
  if (error || complaints || !bytes)
    throw new SetUpError(`the CPU engine's ${simd} module does not compile: ${complaints || error?.message}`);
  return bytes;
}

/**
 * `import where from "kelvin:cpu/plain"`: the module's address beside the built page; elsewhere (Node, tests, development) a
 * `data:` address that holds it. `kelvin:shaders`: the shaders of the page by their marks; elsewhere code holds them itself.
 * @returns {import("vite").Plugin}
 */
export function cpuModules() {
  let isPage = false;
  return {
    name: "cpu-modules",
    configResolved({ command, build }) {
      isPage = command === "build" && !build.ssr;
    },
    resolveId: (id) => (id.startsWith(prefix) || id === shaders ? `\0${id}` : null),
    async load(id) {
      if (id === `\0${shaders}`) return `export default ${JSON.stringify(isPage ? shaderTexts() : {})};`;
      const simd = modules.find((one) => id === `\0${prefix}${one}`);
      if (!simd) return null;
      for (const path of kernelSources()) this.addWatchFile(path);
      const bytes = Buffer.from(await cpuModule(simd));
      if (!isPage) return `export default "data:application/wasm;base64,${bytes.toString("base64")}";`;
      const file = this.emitFile({ type: "asset", name: `kernels-${simd}.wasm`, source: bytes });
      return `export default import.meta.ROLLUP_FILE_URL_${file};`;
    },
  };
}
