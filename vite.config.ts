import { createReadStream, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { cpuModules } from "./scripts/lib/cpu-modules.mjs";
import { licencesText, shippedLicences } from "./scripts/lib/licences.mjs";
import { HEADERS, ISOLATION, liesIn, pagePolicy, WORKER_POLICY } from "./scripts/lib/policy.mjs";
import { pythonImages } from "./scripts/lib/python-images.mjs";
import { bareText, shaderMark } from "./scripts/lib/shader-texts.mjs";
import { FRAME_STARTER } from "./src/verify/frame-starter.mjs";

const pyodideFolder = fileURLToPath(new URL("./node_modules/pyodide", import.meta.url));
const pyodideFiles: Readonly<Record<string, string>> = {
  "pyodide.mjs": "text/javascript",
  "pyodide.asm.mjs": "text/javascript",
  "pyodide.asm.wasm": "application/wasm",
};

/**
 * Python from our own origin, never a CDN: the package's files under `pyodide/`, in development and in the build. Its library is in the
 * heap images.
 */
function pyodideFromPackage(): Plugin {
  return {
    name: "pyodide-from-package",
    configureServer(server) {
      server.middlewares.use("/pyodide", (request, response, next) => {
        const name = basename(new URL(request.url ?? "/", "http://localhost").pathname);
        const type = pyodideFiles[name];
        if (!type) return next();
        response.writeHead(200, { "Content-Type": type, ...ISOLATION });
        createReadStream(join(pyodideFolder, name)).pipe(response);
      });
    },
    generateBundle() {
      for (const name of Object.keys(pyodideFiles)) {
        this.emitFile({ type: "asset", fileName: `pyodide/${name}`, source: readFileSync(join(pyodideFolder, name)) });
      }
    },
  };
}

/** `virtual:shipped-runs`: which recorded runs lie in `public/runs`, so that a new one is a file there and nothing else. */
function shippedRuns(): Plugin {
  const id = "virtual:shipped-runs";
  const folder = fileURLToPath(new URL("./public/runs", import.meta.url));
  const read = (file: string) => {
    const { field } = JSON.parse(readFileSync(join(folder, file), "utf8"));
    return { method: field.method, title: field.title, name: basename(file, ".json") };
  };
  return {
    name: "shipped-runs",
    resolveId: (source) => (source === id ? `\0${id}` : null),
    load: (source) => {
      if (source !== `\0${id}`) return null;
      const runs = readdirSync(folder)
        .filter((file) => file.endsWith(".json"))
        .sort()
        .map(read);
      return `export const SHIPPED_RUNS = ${JSON.stringify(runs)};`;
    },
  };
}

/** KaTeX offers every font in three formats; the browsers that have WebGPU all read the first. */
function woff2Only(): Plugin {
  return {
    name: "woff2-only",
    enforce: "pre",
    transform: (code, id) =>
      id.includes("katex.min.css") ? code.replaceAll(/,url\([^)]*\.(?:woff|ttf)\)\s*format\("\w+"\)/g, "") : null,
  };
}

/**
 * Visitors need not fetch what explains sources to readers, and without a GPU no shaders. Code holds the name of a shader; its
 * text lies in `kelvin:shaders`, which WebGPU's side puts in its place (src/gpu/shader-text.ts).
 */
function sourcesWithoutComments(): Plugin {
  return {
    name: "sources-without-comments",
    enforce: "pre",
    apply: "build",
    load(id) {
      const [, path, kind] = /^(.*\.(wgsl|py))\?raw$/.exec(id) ?? [];
      if (!path || this.environment.config.build.ssr) return null;
      this.addWatchFile(path);
      const code = kind === "wgsl" ? shaderMark(path) : bareText(readFileSync(path, "utf8"), /^[ ]*#.*\n/gm);
      return `export default ${JSON.stringify(code)};`;
    },
  };
}

/**
 * The built page carries its own policy, so that it has it on every host; our server sends it as a header too, and the workers' with
 * the scripts, from which workers take it. Development has none: its server reloads by inline scripts.
 */
function closedPage(): Plugin {
  const policy = pagePolicy(FRAME_STARTER);
  const meta = { "http-equiv": "Content-Security-Policy", content: policy };
  return {
    name: "closed-page",
    apply: (_, { command, isPreview }) => command === "build" || isPreview === true,
    // Pages of tests are built with this configuration too.
    transformIndexHtml: (_, { path }) =>
      path === "/index.html" ? [{ tag: "meta", attrs: meta, injectTo: "head-prepend" }] : [],
    configurePreviewServer(server) {
      server.middlewares.use((request, response, next) => {
        const isScript = /\.m?js(?:\?|$)/.test(request.url ?? "");
        response.setHeader("Content-Security-Policy", isScript ? WORKER_POLICY : policy);
        if (liesIn(server.config.build.outDir, request.url ?? "/")) return next();
        response.writeHead(404).end();
      });
    },
  };
}

/** `licences.txt`, which the page's settings link to. */
function licences(): Plugin {
  const root = fileURLToPath(new URL(".", import.meta.url));
  return {
    name: "licences",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "licences.txt", source: licencesText(shippedLicences(root)) });
    },
  };
}

const minuteMs = 60_000;

/** KELVIN_ADAPTER names the adapter of a GPU test. */
const adapter = process.env["KELVIN_ADAPTER"] ?? "";

/** Tests of WebGPU itself, and of what only many lanes bring. */
const aboutWebGpu = ["gpu", "node-adapter", "failures", "portability", "tune", "batching"].map(
  (name) => `tests/gpu/${name}.test.ts`,
);

/**
 * What an adapter leaves to others. Shards are cut by the host, over kernels that linear.test.ts tries everywhere; SwiftShader
 * compiles for forty seconds before it reaches them.
 */
const leftOut = { cpu: aboutWebGpu, swiftshader: ["tests/gpu/ops/linear-shards.test.ts"] }[adapter] ?? [];

/** Tests that measure the verifier's time have the machine to themselves. */
const measuresVerifier = ["tests/verify/worst.test.ts"];

/** So have tests of an engine that measure time. */
const measuresDevice = ["tune", "pause"].map((name) => `tests/gpu/${name}.test.ts`);

/** So have end-to-end tests that measure time. */
const measuresTime = ["pace", "pause", "large-log", "catalogue"].map((name) => `tests/e2e/${name}.test.ts`);

const software = ["cpu", "lavapipe", "swiftshader"].includes(adapter);

/** Tests that need no adapter and no browser. */
const inNode = {
  globalSetup: ["tests/setup/bundle.ts"],
  testTimeout: minuteMs,
  hookTimeout: minuteMs,
  // A process loads a module once for all files that it runs.
  isolate: false,
};

const onAdapter = { ...inNode, pool: "forks" as const, testTimeout: 3 * minuteMs };

const inBrowser = {
  // What a loaded machine draws late is told as "passed at the second try": scripts/lib/parts.mjs.
  retry: 1,
  globalSetup: ["tests/setup/page.ts"],
  pool: "forks" as const,
  testTimeout: 5 * minuteMs,
  hookTimeout: 2 * minuteMs,
  // As patient as Playwright is: a page draws when its machine lets it.
  expect: { poll: { timeout: minuteMs / 2 } },
};

/** A project of tests; projects of a smaller `groupOrder` run first. */
const project = <T extends object>(name: string, groupOrder: number, test: T) => ({
  extends: true as const,
  test: { ...test, name, sequence: { groupOrder } },
});

export default defineConfig({
  // Relative addresses, so that the build works in any folder of any static host.
  base: "./",
  plugins: [
    woff2Only(),
    shippedRuns(),
    pyodideFromPackage(),
    pythonImages(),
    cpuModules(),
    sourcesWithoutComments(),
    closedPage(),
    licences(),
  ],
  worker: { format: "es", plugins: () => [cpuModules(), sourcesWithoutComments()] },
  // Found only when a view is first opened: the development server would reload the page under it.
  optimizeDeps: {
    include: [
      "checkbox",
      "dialog",
      "dropdown",
      "dropdown-item",
      "option",
      "radio",
      "radio-group",
      "select",
      "slider",
    ].map((name) => `@awesome.me/webawesome/dist/components/${name}/${name}.js`),
  },
  server: { headers: ISOLATION },
  preview: { headers: HEADERS },
  build: { outDir: "dist/app", target: "es2023", emptyOutDir: true },
  test: {
    projects: [
      project("unit", 1, {
        ...inNode,
        include: ["tests/**/*.test.ts"],
        exclude: ["tests/gpu/**", "tests/e2e/**", ...measuresVerifier],
        // Vitest would leave one core to itself, which is half of a small machine.
        maxWorkers: "100%",
      }),
      project("unit-timed", 2, { ...inNode, include: measuresVerifier, maxWorkers: 1 }),
      project("gpu", 1, {
        ...onAdapter,
        include: ["tests/gpu/**/*.test.ts"],
        exclude: [...measuresDevice, ...leftOut],
        // The CPU engine computes on one core and rasterisers compile on one, which leaves room for a second file.
        maxWorkers: software ? 2 : 1,
      }),
      project("gpu-timed", 2, {
        ...onAdapter,
        include: measuresDevice,
        exclude: leftOut,
        maxWorkers: 1,
      }),
      project("e2e", 1, {
        ...inBrowser,
        include: ["tests/e2e/**/*.test.ts"],
        exclude: measuresTime,
        // A page draws on one core and trains on one.
        maxWorkers: 2,
        // Files that one process runs share a browser: tests/setup/browser.ts.
        isolate: false,
        env: { KELVIN_COMPILED: "rarely" },
      }),
      project("e2e-timed", 2, { ...inBrowser, include: measuresTime, maxWorkers: 1 }),
    ],
  },
});
