import type { Helpers } from "./helpers";
import type { Kernel, KernelSpec, Uniforms, UniformValues } from "./kernel";
import type { Stopwatch } from "./stopwatch";
import type { Allocator, DeviceBuffer, View } from "./view";

export { type Allocator, type DeviceBuffer, numbersIn, type View, view } from "./view";

/** Properties of the adapter that the engine depends on. */
export interface DeviceTraits {
  /** Lanes per subgroup; 0 without the feature, or if the size varies. */
  readonly subgroupLanes: number;
  /** Whether it computes on the processor, as software adapters do: it gets smaller submits. */
  readonly software: boolean;
  /** Optional features of the device. */
  readonly features: readonly string[];
  /** Rounding of multiply-adds in the CPU engine; null on WebGPU. */
  readonly simd: Simd | null;
  /** Parts of an update whose gradients are computed apart, then added in order: its bits depend on their number. */
  readonly shards: number;
}

/** "relaxed" rounds a multiply-add once if the processor can, so its bits depend on the processor; "plain" rounds twice. */
export type Simd = "plain" | "relaxed";

/** Counters for tests: nothing is created inside a training step. */
export interface DeviceCounters {
  buffers: number;
  pipelines: number;
  submits: number;
  dispatches: number;
  bytes: number;
}

/**
 * A computing device: WebGPU (`src/gpu`) or the CPU engine (`src/cpu`). It has kernels and one stream of commands, which run in
 * the order of the calls; reads come after all of them.
 */
export interface Device extends Allocator {
  readonly traits: DeviceTraits;
  /** Bytes of the largest buffer that a kernel can bind. */
  readonly mostBytes: number;
  readonly counters: DeviceCounters;
  /** Awaited between the pieces of a long step; replace it to pause the run there. */
  gate: () => Promise<void>;
  /** Resolves when the device is lost by itself; never after `close`. */
  readonly lost: Promise<void>;
  /** Threads that compute beside this one; null on WebGPU, and where there is one thread. */
  readonly helpers: Helpers | null;

  /** Throws the first error that the device has reported. */
  check(): void;

  /**
   * Runs `make`, which creates buffers. If it fails, its buffers are destroyed, and earlier ones stay usable.
   * @throws KelvinError "out-of-memory" if the device has no room for it
   */
  allocate<T>(make: () => Promise<T>): Promise<T>;
  destroyBuffer(buffer: DeviceBuffer): void;

  /** Returns the kernel of a spec. It is created once, in the background; await `ready` before dispatching. */
  kernel<const U extends Uniforms>(spec: KernelSpec<U>): Kernel<U>;
  /** Resolves when all kernels requested so far are compiled. */
  ready(): Promise<void>;

  /**
   * Records one dispatch.
   * @param values of the uniform struct
   * @param views one per binding of the kernel's spec, in its order
   * @param groups workgroups in x and y
   * @param cost approximate floating-point operations; decides where submits are split
   */
  dispatch<U extends Uniforms>(
    kernel: Kernel<U>,
    values: UniformValues<U>,
    views: readonly View[],
    groups: readonly [number, number?],
    cost?: number,
  ): void;
  copy(source: View, target: View): void;
  clear(target: View): void;
  /** Copies data to the device, after everything recorded so far. */
  write(buffer: DeviceBuffer, data: ArrayBufferView<ArrayBuffer>, byteOffset?: number): void;

  /** Submits the recorded commands. */
  flush(): void;
  /** Waits until few enough submits are in flight; call between pieces of a long step. */
  breathe(): Promise<void>;
  /** Waits until the device has finished all writes and work. */
  settle(): Promise<void>;
  /** Copies data to the host, after everything recorded so far. */
  read(source: View): Promise<ArrayBuffer>;
  readFloats(source: View): Promise<Float32Array>;

  stopwatch(): Stopwatch;
  /** Closes the device and frees everything on it. */
  close(): void;
}

/** WebGPU's limit on workgroups in one dimension. */
const MOST_GROUPS = 65535;
/** Most lanes of a one-dimensional dispatch. */
export const MOST_LANES = MOST_GROUPS * 64;

/** Workgroups of 64 lanes that cover `items`, in one dimension. @throws if one dimension is too small: use foldedGroupsFor */
export function groupsFor(items: number): [number] {
  const count = Math.ceil(items / 64);
  if (count > MOST_GROUPS) throw new Error(`${items} items exceed the ${MOST_LANES} lanes of one dimension`);
  return [count];
}

/** The same in rows of at most 65,535 workgroups, for kernels that get the number of lanes per row. */
export function foldedGroupsFor(items: number): [number, number] {
  const count = Math.ceil(items / 64);
  const rows = Math.max(1, Math.ceil(count / MOST_GROUPS));
  return [Math.ceil(count / rows), rows];
}
