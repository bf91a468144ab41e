import "@tensorflow/tfjs-backend-wasm";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import plain from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import simd from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import threaded from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url";
import type { Contender } from "../contender";
import { tfjs } from "./tfjs";

/** TensorFlow.js 4.22 on WebAssembly: with threads where the page is isolated. Only where files have addresses: in a page. */
export const tfjsWasm = (name: string): Contender => ({
  ...tfjs(name, "wasm"),
  async open() {
    if (typeof document === "undefined" && typeof importScripts === "undefined")
      throw new Error("measured in Chromium");
    setWasmPaths({
      "tfjs-backend-wasm.wasm": plain,
      "tfjs-backend-wasm-simd.wasm": simd,
      "tfjs-backend-wasm-threaded-simd.wasm": threaded,
    });
    return tfjs(name, "wasm").open();
  },
});
