import { KelvinError } from "../contracts";
import type { Device, DeviceTraits, Simd } from "../device/device";
import type { Threads } from "../device/helpers";
import { checkViews, type Kernel, type KernelSpec, type Uniforms, type UniformValues } from "../device/kernel";
import type { Stopwatch } from "../device/stopwatch";
import { bufferBytes, type DeviceBuffer, type View } from "../device/view";
import { CpuHelpers } from "./helpers";
import { CpuMemory } from "./memory";
import { type Entries, type Entry, loadModule } from "./module";
import { Turns } from "./turns";

/** Larger buffers would leave no room for others; pages of parameters are smaller anyway. */
const MOST_BUFFER = 2 ** 30;

/** However many threads there are: an update's gradient is the sum of this many, in order. */
export const SHARDS = 4;

/** A range of the memory. */
interface CpuBuffer extends DeviceBuffer {
  readonly at: number;
}

interface CpuKernel<U extends Uniforms = Uniforms> extends Kernel<U> {
  /** Names of the uniforms, in the order of the function. */
  readonly names: readonly string[];
  readonly call: Entry;
  readonly constants: readonly number[];
}

export interface CpuOptions {
  readonly simd: Simd;
  /** Bytes of the largest buffer; 1 GiB without it. */
  readonly mostBytes?: number;
  /** The kernels, if another thread has compiled them. */
  readonly module?: WebAssembly.Module;
  /** Threads that help; one thread computes without them. */
  readonly threads?: Threads;
  /** Bytes that the system has free; infinite if unknown. */
  readonly free?: () => number;
}

/**
 * The processor as a device: kernels are functions of a WebAssembly module, buffers are ranges of its memory. A dispatch is
 * complete when its call returns, so nothing is ever pending; the event loop runs between dispatches.
 */
export class Cpu implements Device {
  readonly traits: DeviceTraits;
  readonly mostBytes: number;
  readonly counters = { buffers: 0, pipelines: 0, submits: 0, dispatches: 0, bytes: 0 };
  private tellLost: () => void = () => {};
  readonly lost = new Promise<void>((resolve) => {
    this.tellLost = resolve;
  });
  helpers: CpuHelpers | null = null;
  gate: () => Promise<void> = async () => {};
  private readonly kernels = new Map<string, CpuKernel>();
  private readonly turns = new Turns();
  private failure: KelvinError | null = null;
  /** Buffers created by the current `allocate`; null outside it. */
  private fresh: CpuBuffer[] | null = null;
  /** Whether something ran since the last flush. */
  private hasRun = false;

  private constructor(
    { simd, mostBytes = MOST_BUFFER }: CpuOptions,
    private readonly space: CpuMemory,
    private readonly entries: Entries,
  ) {
    this.traits = { subgroupLanes: 0, software: true, features: [], simd, shards: SHARDS };
    this.mostBytes = Math.min(MOST_BUFFER, mostBytes);
  }

  /** @throws KelvinError "no-webassembly" if WebAssembly or its SIMD is missing */
  static async open(options: CpuOptions): Promise<Cpu> {
    const { simd, threads, free = () => Number.POSITIVE_INFINITY } = options;
    const space = new CpuMemory();
    const { module, entries } = await loadModule(simd, space.memory, options.module);
    const cpu = new Cpu(options, space, entries);
    if (threads && threads.count > 0) {
      const opening = { simd, mostBytes: cpu.mostBytes, module };
      cpu.helpers = await CpuHelpers.open(threads, opening, free, (error) => cpu.lose(error));
    }
    return cpu;
  }

  /** From here on nothing works: the next call throws this error. */
  private lose(error: KelvinError): void {
    if (this.failure) return;
    this.failure = error;
    this.tellLost();
  }

  get availableBytes(): number {
    return this.space.availableBytes;
  }

  check(): void {
    if (this.failure) throw this.failure;
  }

  async allocate<T>(make: () => Promise<T>): Promise<T> {
    const created: CpuBuffer[] = [];
    this.fresh = created;
    try {
      return await make();
    } catch (error) {
      for (const buffer of created) this.destroyBuffer(buffer);
      throw error;
    } finally {
      this.fresh = null;
    }
  }

  storage(label: string, floats: number): CpuBuffer {
    const size = bufferBytes(label, floats * 4, this.mostBytes);
    const buffer = { label, size, at: this.space.take(label, size) };
    this.fresh?.push(buffer);
    this.counters.buffers++;
    this.counters.bytes += size;
    return buffer;
  }

  destroyBuffer(buffer: DeviceBuffer): void {
    this.counters.bytes -= buffer.size;
    this.space.give((buffer as CpuBuffer).at, buffer.size);
  }

  kernel<const U extends Uniforms>(spec: KernelSpec<U>): Kernel<U> {
    const { entry = spec.name.replace(".", "_"), constants = [] } = spec.cpu ?? {};
    const key = [entry, ...constants].join();
    const known = this.kernels.get(key);
    if (known) return { ...known, spec };
    const call = this.entries[entry];
    if (!call) throw new Error(`${spec.name}: the CPU module has no ${entry}`);
    const kernel = { spec, call, names: Object.keys(spec.uniforms), constants };
    this.kernels.set(key, kernel);
    this.counters.pipelines++;
    return kernel;
  }

  async ready(): Promise<void> {
    this.check();
  }

  dispatch<U extends Uniforms>(
    kernel: Kernel<U>,
    values: UniformValues<U>,
    views: readonly View[],
    groups: readonly [number, number?],
  ): void {
    if (groups[0] === 0 || groups[1] === 0) return;
    const { spec, call, names, constants } = kernel as CpuKernel<U>;
    checkViews(spec, views);
    try {
      call(...names.map((name) => values[name] as number), ...views.map(addressOf), ...constants);
    } catch (cause) {
      this.failure ??= new KelvinError("internal", `${spec.name} stopped: ${String(cause)}`);
      throw this.failure;
    }
    this.counters.dispatches++;
    this.hasRun = true;
  }

  copy(source: View, target: View): void {
    const { at, offset } = { at: addressOf(target), offset: addressOf(source) };
    new Uint8Array(this.space.memory.buffer).copyWithin(at, offset, offset + source.size);
  }

  clear(target: View): void {
    this.space.bytes(addressOf(target), target.size).fill(0);
  }

  write(buffer: DeviceBuffer, data: ArrayBufferView<ArrayBuffer>, byteOffset = 0): void {
    const { buffer: from, byteOffset: start, byteLength } = data;
    if (byteOffset + byteLength > buffer.size)
      throw new Error(`${buffer.label}: ${byteLength} bytes at ${byteOffset} do not fit its ${buffer.size}`);
    this.space.bytes((buffer as CpuBuffer).at + byteOffset, byteLength).set(new Uint8Array(from, start, byteLength));
  }

  flush(): void {
    if (this.hasRun) this.counters.submits++;
    this.hasRun = false;
  }

  async breathe(): Promise<void> {
    this.flush();
    await this.turns.give();
    await this.gate();
    this.check();
    this.helpers?.beat();
  }

  async settle(): Promise<void> {
    this.flush();
    this.check();
  }

  async read(source: View): Promise<ArrayBuffer> {
    this.flush();
    this.check();
    return this.space.bytes(addressOf(source), source.size).slice().buffer;
  }

  async readFloats(source: View): Promise<Float32Array> {
    return new Float32Array(await this.read(source));
  }

  stopwatch(): Stopwatch {
    const milliseconds = async (record: () => void): Promise<number> => {
      const start = performance.now();
      record();
      return performance.now() - start;
    };
    return { milliseconds, destroy: () => {} };
  }

  close(): void {
    this.helpers?.close();
    this.failure ??= new KelvinError("device-lost", "The CPU engine was closed.");
  }
}

function addressOf({ buffer, offset }: View): number {
  return (buffer as CpuBuffer).at + offset;
}
