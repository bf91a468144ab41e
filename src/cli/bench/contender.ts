import type { DeviceAdapter } from "../../device/adapter";
import type { Threads } from "../../device/helpers";
import type { Architecture } from "./workload";

/** Work that is repeated and timed. */
export interface Work {
  /** Does the work `times` times; resolves when the device has finished. */
  run(times: number): Promise<void>;
  /** Numbers of the last repetition, to compare the libraries' results. */
  result(): Promise<ArrayLike<number>>;
}

/** dx = dy·w of a linear layer: dy is rows × outputs, w is outputs × inputs. */
export interface ProductShape {
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** A library under measurement. A method returns a string with the reason if the library cannot do something. */
export interface Contender {
  readonly name: string;
  /** Opens the library; returns the adapter's name. @throws if the library does not start */
  open(): Promise<string>;
  /** c = a·b of size × size float32 matrices; the result is the first row of c. */
  matmul(size: number): Promise<Work | string>;
  /** One product of a linear layer; the result is the first row. Only ours is asked. */
  product?(shape: ProductShape): Promise<Work | string>;
  /** One training step; the result is the mean loss. */
  training(architecture: Architecture): Promise<Work | string>;
  /** Greedy generation for this many prompts at a time, with a cache; the result is that of the first prompt. */
  generation(architecture: Architecture, sequences: number): Promise<Work | string>;
}

/** Ours on the CPU, by the number of workers. */
export const OWN_ON_CPU = { "kelvin-cpu-1": 1, "kelvin-cpu-2": 2 } as const;
export type OwnOnCpu = keyof typeof OWN_ON_CPU;

/** Ours on a GPU, on one core with relaxed SIMD, and other libraries by package name. */
export type ContenderName =
  | "kelvin"
  | OwnOnCpu
  | "kelvin-cpu-relaxed"
  | "jax-js"
  | "jax-js-wasm"
  | "tfjs-webgpu"
  | "tfjs-wasm"
  | "onnxruntime-web";
export const CONTENDERS: readonly ContenderName[] = [
  "kelvin",
  "jax-js",
  "jax-js-wasm",
  "tfjs-webgpu",
  "tfjs-wasm",
  "onnxruntime-web",
];

/** Threads for so many workers: those of Node, or of a page. */
export type MakeThreads = (workers: number) => Threads;

/** Loads a library only when it is measured. */
export async function loadContender(name: ContenderName, threads: MakeThreads): Promise<Contender> {
  switch (name) {
    case "kelvin":
      return (await import("./peers/kelvin")).kelvin(name, openGpu);
    case "kelvin-cpu-1":
    case "kelvin-cpu-2": {
      const { cpuAdapter } = await import("../../cpu/adapter");
      const adapter = async () => cpuAdapter("plain", { threads: threads(OWN_ON_CPU[name]) });
      return (await import("./peers/kelvin")).kelvin(name, adapter);
    }
    case "kelvin-cpu-relaxed": {
      const { cpuAdapter } = await import("../../cpu/adapter");
      return (await import("./peers/kelvin")).kelvin(name, async () => cpuAdapter("relaxed", { threads: threads(1) }));
    }
    case "jax-js":
      return (await import("./peers/jax-js")).jaxJs(name, "webgpu");
    case "jax-js-wasm":
      return (await import("./peers/jax-js")).jaxJs(name, "wasm");
    case "tfjs-webgpu":
      return (await import("./peers/tfjs")).tfjs(name, "webgpu");
    case "tfjs-wasm":
      return (await import("./peers/tfjs-wasm")).tfjsWasm(name);
    case "onnxruntime-web":
      return (await import("./peers/onnxruntime")).onnxRuntime;
    default:
      return name satisfies never;
  }
}

async function openGpu(): Promise<DeviceAdapter> {
  const { gpuAdapter } = await import("../../gpu/device");
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new Error("no WebGPU adapter here");
  return gpuAdapter(adapter);
}
