import { BindGroups } from "./bind-groups";
import { Failures } from "./failures";
import { bindGroupLayout, type Kernel, type KernelSpec, writeParams } from "./kernel";
import { Pacing } from "./pacing";
import { patiently } from "./patience";
import { type Allocator, bufferBytes, type View, view } from "./view";

export { type Allocator, numbersIn, type View, view } from "./view";

/** Bytes between uniform structs: WebGPU's default minUniformBufferOffsetAlignment, the largest that any adapter has. */
const UNIFORM_STRIDE = 256;
const RING_SLOTS = 2048;
/** Storage buffers per compute stage that every WebGPU device supports. */
const MOST_STORAGE_BUFFERS = 8;

/** Larger readback buffers are destroyed after use. */
const KEPT_READBACK_BYTES = 2 ** 24;

/** What the adapter offers and what this engine made of it. */
export interface GpuTraits {
  /** Lanes of every subgroup, where the device has the feature and they are always as many; 0 otherwise. */
  readonly subgroupLanes: number;
  /** A CPU rasteriser: smaller submits. */
  readonly software: boolean;
}

/**
 * A device with its kernels, one command stream, one ring of uniforms and cached bind groups. Dispatches are recorded
 * in order; `flush` submits them. Submits are split by estimated cost so that none holds the device for long.
 */
export class Gpu implements Allocator {
  private readonly kernels = new Map<string, Kernel>();
  private readonly pending: Promise<void>[] = [];
  private readonly bindGroups: BindGroups;
  private readonly pacing: Pacing;
  private readonly ring: GPUBuffer;
  private readonly staging = new ArrayBuffer(UNIFORM_STRIDE * RING_SLOTS);
  private readonly stagingView = new DataView(this.staging);
  private readonly readbacks = new Map<number, GPUBuffer[]>();
  private encoder: GPUCommandEncoder | null = null;
  private pass: GPUComputePassEncoder | null = null;
  private slot = 0;
  private cost = 0;
  private readonly failures: Failures;
  /** Buffers created by the current `allocate`; null outside it. */
  private fresh: GPUBuffer[] | null = null;
  /** Awaited between the pieces of a long step: whoever must not wait for its end can hold it here. */
  gate: () => Promise<void> = async () => {};
  /** Bytes of the largest buffer that kernels may be given. */
  readonly mostBytes: number;
  /** Counters that tests assert on: nothing is created inside a training step. */
  readonly counters = { buffers: 0, pipelines: 0, submits: 0, dispatches: 0, bytes: 0 };

  constructor(
    readonly device: GPUDevice,
    public traits: GpuTraits,
    costPerSubmit: number,
  ) {
    this.mostBytes = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize);
    this.pacing = new Pacing(costPerSubmit);
    const size = UNIFORM_STRIDE * RING_SLOTS;
    this.ring = device.createBuffer({
      label: "uniform ring",
      size,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    this.bindGroups = new BindGroups(device, { buffer: this.ring, size: UNIFORM_STRIDE });
    this.failures = new Failures(device);
  }

  /** Throws the first error the device has reported. */
  check(): void {
    this.failures.check();
  }

  /**
   * Runs `make`, which creates storage. Where that fails all of it is given back, and what was there before goes on working.
   * @throws KelvinError "out-of-memory" where the device has no room for it
   */
  async allocate<T>(make: () => Promise<T>): Promise<T> {
    const created: GPUBuffer[] = [];
    this.fresh = created;
    try {
      return await this.failures.hear(make);
    } catch (error) {
      for (const buffer of created) this.destroyBuffer(buffer);
      throw error;
    } finally {
      this.fresh = null;
    }
  }

  private createBuffer(label: string, size: number, usage: number): GPUBuffer {
    const bytes = bufferBytes(label, size, this.mostBytes);
    const buffer = this.device.createBuffer({ label, size: bytes, usage });
    this.bindGroups.register(buffer);
    this.counters.buffers++;
    this.counters.bytes += bytes;
    return buffer;
  }

  storage(label: string, floats: number): GPUBuffer {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    const buffer = this.createBuffer(label, floats * 4, usage);
    this.fresh?.push(buffer);
    return buffer;
  }

  destroyBuffer(buffer: GPUBuffer): void {
    this.flush(); // recorded commands may still name it, and none may once it is destroyed
    this.bindGroups.forget(buffer);
    this.counters.bytes -= buffer.size;
    buffer.destroy();
  }

  /** The kernel of a spec; compiled once, in the background. Await `ready` before dispatching. */
  kernel(spec: KernelSpec): Kernel {
    const key = `${spec.entry}\n${spec.code}`;
    const known = this.kernels.get(key);
    if (known) return known;
    const storageBuffers = Object.keys(spec.bindings).length;
    if (storageBuffers > MOST_STORAGE_BUFFERS)
      throw new Error(
        `${spec.name} binds ${storageBuffers} storage buffers; portable is at most ${MOST_STORAGE_BUFFERS}`,
      );
    const layout = bindGroupLayout(this.device, spec);
    const kernel: Kernel = {
      spec,
      id: this.kernels.size,
      layout,
      bindingNumbers: Object.keys(spec.bindings).map(Number),
      pipeline: null,
    };
    this.kernels.set(key, kernel);
    this.counters.pipelines++;
    this.pending.push(this.compile(kernel));
    return kernel;
  }

  private async compile(kernel: Kernel): Promise<void> {
    const { spec } = kernel;
    const module = this.device.createShaderModule({ label: spec.name, code: spec.code });
    kernel.pipeline = await this.device.createComputePipelineAsync({
      label: spec.name,
      layout: this.device.createPipelineLayout({ bindGroupLayouts: [kernel.layout] }),
      compute: { module, entryPoint: spec.entry },
    });
  }

  /** Resolves when every kernel asked for so far is compiled. */
  async ready(): Promise<void> {
    while (this.pending.length > 0) await this.failures.explain(Promise.all(this.pending.splice(0)));
    this.check();
  }

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
    cost = 0,
  ): void {
    if (groups[0] === 0 || groups[1] === 0) return;
    if (views.length !== kernel.bindingNumbers.length) {
      throw new Error(`${kernel.spec.name}: expected ${kernel.bindingNumbers.length} buffers, got ${views.length}`);
    }
    checkNumbers(kernel, views);
    if (this.slot === RING_SLOTS || this.pacing.isFull(this.cost)) this.flush();
    const offset = this.slot++ * UNIFORM_STRIDE;
    writeParams(this.stagingView, offset, kernel.spec.params, params);
    const pass = this.computePass();
    if (!kernel.pipeline) throw new Error(`${kernel.spec.name} is not compiled: await gpu.ready()`);
    pass.setPipeline(kernel.pipeline);
    pass.setBindGroup(0, this.bindGroups.find(kernel, views), [offset]);
    pass.dispatchWorkgroups(groups[0], groups[1] ?? 1);
    this.cost += cost;
    this.counters.dispatches++;
  }

  private computePass(): GPUComputePassEncoder {
    this.encoder ??= this.device.createCommandEncoder();
    this.pass ??= this.encoder.beginComputePass();
    return this.pass;
  }

  private outsidePass(): GPUCommandEncoder {
    this.pass?.end();
    this.pass = null;
    this.encoder ??= this.device.createCommandEncoder();
    return this.encoder;
  }

  copy(source: View, target: View): void {
    this.outsidePass().copyBufferToBuffer(source.buffer, source.offset, target.buffer, target.offset, source.size);
  }

  clear(target: View): void {
    this.outsidePass().clearBuffer(target.buffer, target.offset, target.size);
  }

  /** Host → device, ordered after everything recorded so far. */
  write(buffer: GPUBuffer, data: ArrayBufferView<ArrayBuffer>, byteOffset = 0): void {
    this.flush();
    this.device.queue.writeBuffer(buffer, byteOffset, data.buffer, data.byteOffset, data.byteLength);
  }

  /** Submit what is recorded. */
  flush(): void {
    if (!this.encoder) return;
    const encoder = this.outsidePass();
    if (this.slot > 0) this.device.queue.writeBuffer(this.ring, 0, this.staging, 0, this.slot * UNIFORM_STRIDE);
    this.device.queue.submit([encoder.finish()]);
    this.pacing.submitted(this.device.queue.onSubmittedWorkDone(), this.cost);
    this.encoder = null;
    this.slot = 0;
    this.cost = 0;
    this.counters.submits++;
  }

  /** Wait until few enough submits are in flight; call between pieces of a long step. */
  async breathe(): Promise<void> {
    await this.pacing.breathe();
    await this.gate();
    this.check();
  }

  /** Wait until the device has taken all writes and finished all work. */
  async settle(): Promise<void> {
    this.flush();
    await patiently(this.device.queue.onSubmittedWorkDone());
    this.pacing.idle();
    this.check();
  }

  /** Device → host, after everything recorded so far. */
  async read(source: View): Promise<ArrayBuffer> {
    const pool = this.readbacks.get(source.size) ?? [];
    this.readbacks.set(source.size, pool);
    const staging =
      pool.pop() ?? this.createBuffer("readback", source.size, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
    this.copy(source, view(staging, 0, source.size));
    this.flush();
    await this.failures.explain(patiently(staging.mapAsync(GPUMapMode.READ, 0, source.size)));
    const copy = staging.getMappedRange(0, source.size).slice(0);
    staging.unmap();
    if (source.size <= KEPT_READBACK_BYTES) pool.push(staging);
    else this.destroyBuffer(staging);
    this.pacing.idle();
    this.check();
    return copy;
  }

  async readFloats(source: View): Promise<Float32Array> {
    return new Float32Array(await this.read(source));
  }
}

/** @throws where float16 would be read as float32, or the other way round */
function checkNumbers({ spec, bindingNumbers }: Kernel, views: readonly View[]): void {
  views.forEach(({ buffer, halves = false }, i) => {
    const wanted = bindingNumbers[i] === spec.halves;
    if (halves !== wanted)
      throw new Error(`${spec.name}: ${buffer.label} holds ${halves ? "float16" : "float32"}, expected the other`);
  });
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
