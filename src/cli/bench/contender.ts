import type { Architecture } from "./workload";

/** Something that is repeated and timed. */
export interface Work {
  /** Does it `times` times and resolves when the device has finished. */
  run(times: number): Promise<void>;
  /** Numbers of the last repetition, to see that all libraries did the same. */
  result(): Promise<ArrayLike<number>>;
}

/** A library under measurement. What it cannot do is a reason in words. */
export interface Contender {
  readonly name: string;
  /** The adapter, as the library or the platform names it. @throws where the library does not start here */
  open(): Promise<string>;
  /** c = a·b of size × size float32 matrices; the result is the first row of c. */
  matmul(size: number): Promise<Work | string>;
  /** One training step; the result is the mean loss. */
  training(architecture: Architecture): Promise<Work | string>;
  /** The likeliest continuation of as many prompts at a time, with a cache; the result is that of the first one. */
  generation(architecture: Architecture, sequences: number): Promise<Work | string>;
}

/** The libraries by the names of their packages. */
export type ContenderName = "kelvin" | "jax-js" | "tfjs-webgpu" | "onnxruntime-web";
export const CONTENDERS: readonly ContenderName[] = ["kelvin", "jax-js", "tfjs-webgpu", "onnxruntime-web"];

/** Each library is loaded only where it is measured. */
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
