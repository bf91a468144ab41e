import { KelvinError } from "../contracts";
import { bindGroupLayout, type Kernel, type KernelSpec, writeParams } from "./kernel";
import { patiently } from "./patience";

/** A range of a buffer, in bytes. */
export interface View {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly size: number;
}

export function view(buffer: GPUBuffer, offset = 0, size = buffer.size - offset): View {
  return { buffer, offset, size };
}

/** Bytes between uniform structs: WebGPU's default minUniformBufferOffsetAlignment, the largest any adapter asks for. */
const UNIFORM_STRIDE = 256;
const RING_SLOTS = 2048;
/** Submits in flight before the host waits: enough to keep the device busy, few enough to stay responsive. */
const SUBMITS_IN_FLIGHT = 3;

/** Storage buffers that every WebGPU device binds in a compute stage. */
const MOST_STORAGE_BUFFERS = 8;

/** How long a submit should hold the device, and the bounds of the estimate in floating-point operations. */
const SUBMIT_MS = 80;
const MIN_COST = 2e8;
const MAX_COST = 1e11;

/** What the adapter offers and what this engine made of it. */
export interface GpuTraits {
  /** Every subgroup has exactly 8 lanes, and the device has the feature: linear.subgroup8 is right. */
  readonly subgroup8: boolean;
  /** A CPU rasteriser: smaller submits. */
  readonly software: boolean;
}

/**
 * A device with its kernels, one command stream, one ring of uniforms and cached bind groups. Dispatches are recorded
 * in order; `flush` submits them. Submits are split by estimated cost so that none holds the device for long.
 */
export class Gpu {
  private readonly kernels = new Map<string, Kernel>();
  private readonly pending: Promise<void>[] = [];
  private readonly bindGroups = new Map<string, GPUBindGroup>();
  private readonly bufferIds = new WeakMap<GPUBuffer, number>();
  private readonly ring: GPUBuffer;
  private readonly staging = new ArrayBuffer(UNIFORM_STRIDE * RING_SLOTS);
  private readonly stagingView = new DataView(this.staging);
  private readonly readbacks = new Map<number, GPUBuffer[]>();
  private readonly inFlight: Promise<unknown>[] = [];
  private encoder: GPUCommandEncoder | null = null;
  private pass: GPUComputePassEncoder | null = null;
  private slot = 0;
  private cost = 0;
  private lastDone = 0;
  private nextBufferId = 1;
  /** First validation or device error, thrown at the next await point. */
  private failure: KelvinError | null = null;
  /** Awaited between the pieces of a long step: whoever must not wait for its end can hold it here. */
  gate: () => Promise<void> = async () => {};
  /** Counters that tests assert on: nothing is created inside a training step. */
  readonly counters = { buffers: 0, pipelines: 0, submits: 0, dispatches: 0, bytes: 0 };

  constructor(
    readonly device: GPUDevice,
    public traits: GpuTraits,
    private costPerSubmit: number,
  ) {
    this.ring = this.createBuffer(
      "uniform ring",
      UNIFORM_STRIDE * RING_SLOTS,
      GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    );
    device.addEventListener("uncapturederror", (event) => this.fail("internal", event.error.message));
    void device.lost.then((info) => {
      if (info.reason !== "destroyed") this.fail("device-lost", `The GPU was lost: ${info.message}`);
    });
  }

  private fail(reason: "internal" | "device-lost", message: string): void {
    const hint =
      reason === "device-lost" ? "Start again; a run with --out goes on from its last checkpoint with --resume." : "";
    this.failure ??= new KelvinError(reason, message, hint);
  }

  /** Throws the first error the device has reported. */
  check(): void {
    if (this.failure) throw this.failure;
  }

  createBuffer(label: string, size: number, usage: number): GPUBuffer {
    const bytes = Math.max(16, Math.ceil(size / 16) * 16);
    const limit = this.device.limits.maxStorageBufferBindingSize;
    if (bytes > limit) {
      throw new KelvinError(
        "out-of-memory",
        `${label} needs ${bytes} bytes, the adapter binds at most ${limit}`,
        "Choose a smaller model or batch.",
      );
    }
    const buffer = this.device.createBuffer({ label, size: bytes, usage });
    this.bufferIds.set(buffer, this.nextBufferId++);
    this.counters.buffers++;
    this.counters.bytes += bytes;
    return buffer;
  }

  /** A buffer kernels read and write, `floats` 4-byte elements long. */
  storage(label: string, floats: number): GPUBuffer {
    return this.createBuffer(
      label,
      floats * 4,
      GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
    );
  }

  destroyBuffer(buffer: GPUBuffer): void {
    this.flush(); // recorded commands may still name it, and none may once it is destroyed
    const id = this.idOf(buffer);
    for (const key of this.bindGroups.keys()) if (key.includes(`b${id}.`)) this.bindGroups.delete(key);
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
    while (this.pending.length > 0) await Promise.all(this.pending.splice(0));
    this.check();
  }

  private idOf(buffer: GPUBuffer): number {
    const id = this.bufferIds.get(buffer);
    if (id === undefined) throw new Error(`buffer ${buffer.label} was not created by this Gpu`);
    return id;
  }

  private bindGroup(kernel: Kernel, views: readonly View[]): GPUBindGroup {
    let key = `k${kernel.id}`;
    for (const v of views) key += `b${this.idOf(v.buffer)}.${v.offset}+${v.size}`;
    let group = this.bindGroups.get(key);
    if (!group) {
      const entries: GPUBindGroupEntry[] = views.map((v, i) => ({
        binding: kernel.bindingNumbers[i] as number,
        resource: { buffer: v.buffer, offset: v.offset, size: v.size },
      }));
      entries.unshift({ binding: 0, resource: { buffer: this.ring, size: UNIFORM_STRIDE } });
      group = this.device.createBindGroup({ label: kernel.spec.name, layout: kernel.layout, entries });
      this.bindGroups.set(key, group);
    }
    return group;
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
    if (this.slot === RING_SLOTS || this.cost > this.costPerSubmit) this.flush();
    const offset = this.slot++ * UNIFORM_STRIDE;
    writeParams(this.stagingView, offset, kernel.spec.params, params);
    const pass = this.computePass();
    if (!kernel.pipeline) throw new Error(`${kernel.spec.name} is not compiled: await gpu.ready()`);
    pass.setPipeline(kernel.pipeline);
    pass.setBindGroup(0, this.bindGroup(kernel, views), [offset]);
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
    this.inFlight.push(this.timed(this.device.queue.onSubmittedWorkDone(), this.cost));
    this.encoder = null;
    this.slot = 0;
    this.cost = 0;
    this.counters.submits++;
  }

  /** Learns how much work fits a submit; only where submits are split depends on it, never a result. */
  private async timed(done: Promise<unknown>, cost: number): Promise<void> {
    const submitted = performance.now();
    await done;
    const now = performance.now();
    const elapsed = now - Math.max(submitted, this.lastDone);
    this.lastDone = now;
    if (cost < this.costPerSubmit / 2 || elapsed <= 0) return;
    const fitting = (cost * SUBMIT_MS) / elapsed;
    this.costPerSubmit = Math.min(MAX_COST, Math.max(MIN_COST, 0.8 * this.costPerSubmit + 0.2 * fitting));
  }

  /** Wait until few enough submits are in flight; call between pieces of a long step. */
  async breathe(): Promise<void> {
    while (this.inFlight.length > SUBMITS_IN_FLIGHT) await patiently(this.inFlight.shift() as Promise<unknown>);
    await this.gate();
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
    await patiently(staging.mapAsync(GPUMapMode.READ, 0, source.size));
    const copy = staging.getMappedRange(0, source.size).slice(0);
    staging.unmap();
    pool.push(staging);
    this.inFlight.length = 0;
    this.check();
    return copy;
  }

  async readFloats(source: View): Promise<Float32Array> {
    return new Float32Array(await this.read(source));
  }
}

/** WebGPU's limit on workgroups in one dimension. */
const MOST_GROUPS = 65535;

/** Workgroups of 64 lanes that cover `items`, in one dimension. @throws where it holds fewer: use foldedGroupsFor */
export function groupsFor(items: number): [number] {
  const count = Math.ceil(items / 64);
  if (count > MOST_GROUPS) throw new Error(`${items} items exceed the ${MOST_GROUPS * 64} lanes of one dimension`);
  return [count];
}

/** The same in rows of at most 65,535 workgroups, for kernels that are told how many lanes a row has. */
export function foldedGroupsFor(items: number): [number, number] {
  const count = Math.ceil(items / 64);
  const rows = Math.max(1, Math.ceil(count / MOST_GROUPS));
  return [Math.ceil(count / rows), rows];
}
