import { defineConfig } from "vite";
import { cpuModules } from "./scripts/lib/cpu-modules.mjs";

/** Loaded by the benchmark only. */
const peers = ["@jax-js/jax", "onnxruntime-web"];

/** The command line: one bundle for Node. Only packages with native or WebAssembly files beside them stay outside. */
export default defineConfig({
  publicDir: false,
  plugins: [cpuModules()],
  ssr: { noExternal: true, external: ["webgpu", "pyodide", "playwright-core", ...peers] },
  build: {
    ssr: true,
    target: "node20",
    emptyOutDir: true,
    minify: false,
    sourcemap: true,
    rolldownOptions: {
      output: {
        format: "es",
        // Flat, so that a thread's entry is found beside whatever chunk starts it.
        entryFileNames: "[name].mjs",
        chunkFileNames: "[name]-[hash].mjs",
      },
    },
  },
});
