import type { Architecture } from "./workload";

/** Work that is repeated and timed. */
export interface Work {
  /** Does the work `times` times; resolves when the device has finished. */
  run(times: number): Promise<void>;
  /** Numbers of the last repetition, to compare the libraries' results. */
  result(): Promise<ArrayLike<number>>;
}

/** A library under measurement. A method returns a string with the reason if the library cannot do something. */
export interface Contender {
  readonly name: string;
  /** Opens the library; returns the adapter's name. @throws if the library does not start */
  open(): Promise<string>;
  /** c = a·b of size × size float32 matrices; the result is the first row of c. */
  matmul(size: number): Promise<Work | string>;
  /** One training step; the result is the mean loss. */
  training(architecture: Architecture): Promise<Work | string>;
  /** Greedy generation for this many prompts at a time, with a cache; the result is that of the first prompt. */
  generation(architecture: Architecture, sequences: number): Promise<Work | string>;
}

/** Libraries by package name. */
export type ContenderName = "kelvin" | "jax-js" | "tfjs-webgpu" | "onnxruntime-web";
export const CONTENDERS: readonly ContenderName[] = ["kelvin", "jax-js", "tfjs-webgpu", "onnxruntime-web"];

/** Loads a library only when it is measured. */
export async function loadContender(name: ContenderName): Promise<Contender> {
  switch (name) {
    case "kelvin":
      return (await import("./peers/kelvin")).kelvin;
    case "jax-js":
      return (await import("./peers/jax-js")).jaxJs;
    case "tfjs-webgpu":
      return (await import("./peers/tfjs")).tfjs;
    case "onnxruntime-web":
      return (await import("./peers/onnxruntime")).onnxRuntime;
    default:
      return name satisfies never;
  }
}
