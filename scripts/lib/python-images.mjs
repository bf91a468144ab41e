import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { projectRoot } from "./process.mjs";

const id = "kelvin:python-images";
/** Where the development server has them. */
const address = "/python-images";
const node = join(projectRoot, "src", "verify", "node.ts");

/** @type {Promise<Buffer> | null} */
let packed = null;

/** Python's heap images as a page fetches them. Building them takes seconds, so Node keeps them in `.cache`. */
export function packedImages() {
  packed ??= pack();
  return packed;
}

async function pack() {
  const { runnerImport } = await import("vite");
  /** @type {{ module: typeof import("../../src/verify/node") }} */
  const { module } = await runnerImport(node, { configFile: false, root: projectRoot, logLevel: "error" });
  return gzipSync(Buffer.concat(await module.packedImages()));
}

/**
 * `import images from "kelvin:python-images"`: address and size of the heap images from which the page's Python starts; empty
 * in Node.
 * @returns {import("vite").Plugin}
 */
export function pythonImages() {
  /** @type {"build" | "serve" | null} */
  let page = null;
  return {
    name: "python-images",
    configResolved({ command, build }) {
      // Vitest serves modules to Node.
      const isNode = command === "build" ? build.ssr : process.env.VITEST;
      page = isNode ? null : command;
    },
    configureServer(server) {
      server.middlewares.use(address, async (_, response) => {
        response.writeHead(200, { "Content-Type": "application/octet-stream" }).end(await packedImages());
      });
    },
    resolveId: (source) => (source === id ? `\0${id}` : null),
    async load(source) {
      if (source !== `\0${id}`) return null;
      if (page === null) return 'export default { address: "", bytes: 0 };';
      const bytes = await packedImages();
      if (page === "serve") return `export default ${JSON.stringify({ address, bytes: bytes.length })};`;
      const file = this.emitFile({ type: "asset", name: "python-images.bin", source: bytes });
      return `export default { address: import.meta.ROLLUP_FILE_URL_${file}, bytes: ${bytes.length} };`;
    },
  };
}
