import type { Kernel, KernelSpec } from "./kernel";
import type { Stopwatch } from "./stopwatch";
import type { Allocator, DeviceBuffer, View } from "./view";

export { type Allocator, type DeviceBuffer, numbersIn, type View, view } from "./view";

/** What the adapter offers and what this engine made of it. */
export interface DeviceTraits {
  /** Lanes of every subgroup, where the device has the feature and they are always as many; 0 otherwise. */
  readonly subgroupLanes: number;
  /** A CPU, also where a rasteriser presents it as a GPU: less work at a time. */
  readonly software: boolean;
  /** Optional features it was opened with. */
  readonly features: readonly string[];
  /** How the CPU engine multiplies and adds; null on WebGPU. */
  readonly simd: Simd | null;
}

/** "relaxed" rounds a multiply-add once where the processor can, so that its bits depend on the processor; "plain" twice. */
export type Simd = "plain" | "relaxed";

/** Counters that tests assert on: nothing is created inside a training step. */
export interface DeviceCounters {
  buffers: number;
  pipelines: number;
  submits: number;
  dispatches: number;
  bytes: number;
}

/**
 * What computes: WebGPU (`src/gpu`) or the CPU engine (`src/cpu`). It has kernels and one stream of commands, which run in the
 * order of their calls; what is read comes after all of them.
 */
export interface Device extends Allocator {
  readonly traits: DeviceTraits;
  /** Bytes of the largest buffer that kernels may be given. */
  readonly mostBytes: number;
  readonly counters: DeviceCounters;
  /** Awaited between the pieces of a long step: whoever must not wait for its end can hold it here. */
  gate: () => Promise<void>;
  /** Resolves when the device went by itself; never after `close`. */
  readonly lost: Promise<void>;

  /** Throws the first error the device has reported. */
  check(): void;

  /**
   * Runs `make`, which creates storage. Where that fails all of it is given back, and what was there before goes on working.
   * @throws KelvinError "out-of-memory" where the device has no room for it
   */
  allocate<T>(make: () => Promise<T>): Promise<T>;
  destroyBuffer(buffer: DeviceBuffer): void;

  /** The kernel of a spec; made once, in the background. Await `ready` before dispatching. */
  kernel(spec: KernelSpec): Kernel;
  /** Resolves when every kernel asked for so far is compiled. */
  ready(): Promise<void>;

  /**
   * Record one dispatch.
   * @param params values of the uniform struct, in order
   * @param views one per binding of the kernel's spec, in its order
   * @param groups workgroups in x and y
   * @param cost floating-point operations, roughly; decides where submits are split
   */
  dispatch(
    kernel: Kernel,
    params: readonly number[],
    views: readonly View[],
    groups: readonly [number, number?],
    cost?: number,
  ): void;
  copy(source: View, target: View): void;
  clear(target: View): void;
  /** Host → device, ordered after everything recorded so far. */
  write(buffer: DeviceBuffer, data: ArrayBufferView<ArrayBuffer>, byteOffset?: number): void;

  /** Submit what is recorded. */
  flush(): void;
  /** Wait until few enough submits are in flight; call between pieces of a long step. */
  breathe(): Promise<void>;
  /** Wait until the device has taken all writes and finished all work. */
  settle(): Promise<void>;
  /** Device → host, after everything recorded so far. */
  read(source: View): Promise<ArrayBuffer>;
  readFloats(source: View): Promise<Float32Array>;

  stopwatch(): Stopwatch;
  /** Ends the device and gives back all it holds. */
  close(): void;
}

/** WebGPU's limit on workgroups in one dimension. */
const MOST_GROUPS = 65535;
/** Lanes of the kernels that count them in one dimension. */
export const MOST_LANES = MOST_GROUPS * 64;

/** Workgroups of 64 lanes that cover `items`, in one dimension. @throws where it holds fewer: use foldedGroupsFor */
export function groupsFor(items: number): [number] {
  const count = Math.ceil(items / 64);
  if (count > MOST_GROUPS) throw new Error(`${items} items exceed the ${MOST_LANES} lanes of one dimension`);
  return [count];
}

/** The same in rows of at most 65,535 workgroups, for kernels that are told how many lanes a row has. */
export function foldedGroupsFor(items: number): [number, number] {
  const count = Math.ceil(items / 64);
  const rows = Math.max(1, Math.ceil(count / MOST_GROUPS));
  return [Math.ceil(count / rows), rows];
}
