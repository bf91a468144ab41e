import type { Device, DeviceTraits } from "../device/device";
import { checkViews, type KernelSpec, type Uniforms, type UniformValues } from "../device/kernel";
import { bufferBytes, type DeviceBuffer, type View, view } from "../device/view";
import { BindGroups } from "./bind-groups";
import { Failures } from "./failures";
import { bindGroupLayout, type Kernel, writeUniforms } from "./kernel";
import { Pacing } from "./pacing";
import { patiently } from "./patience";
import { shaderText } from "./shader-text";
import { GpuStopwatch } from "./stopwatch";

/** Bytes between uniform structs: WebGPU's default minUniformBufferOffsetAlignment, the largest that any adapter has. */
const UNIFORM_STRIDE = 256;
const RING_SLOTS = 2048;
/** Storage buffers per compute stage that every WebGPU device supports. */
const MOST_STORAGE_BUFFERS = 8;

/** Larger readback buffers are destroyed after use. */
const KEPT_READBACK_BYTES = 2 ** 24;

/**
 * A WebGPU device with its kernels, one command stream, one ring of uniforms and cached bind groups. Dispatches are recorded in
 * order; `flush` submits them. Submits are split by estimated cost, so that none occupies the device for long.
 */
export class Gpu implements Device {
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
  gate: () => Promise<void> = async () => {};
  readonly mostBytes: number;
  readonly lost: Promise<void>;
  readonly helpers = null;
  readonly counters = { buffers: 0, pipelines: 0, submits: 0, dispatches: 0, bytes: 0 };

  constructor(
    readonly device: GPUDevice,
    public traits: DeviceTraits,
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
    this.lost = new Promise((resolve) => {
      void device.lost.then(({ reason }) => reason !== "destroyed" && resolve());
    });
  }

  check(): void {
    this.failures.check();
  }

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

  destroyBuffer(buffer: DeviceBuffer): void {
    const own = buffer as GPUBuffer;
    this.flush(); // recorded commands may still name it, and none may once it is destroyed
    this.bindGroups.forget(own);
    this.counters.bytes -= own.size;
    own.destroy();
  }

  kernel<const U extends Uniforms>(spec: KernelSpec<U>): Kernel<U> {
    const key = `${spec.entry}\n${spec.code}`;
    const known = this.kernels.get(key);
    if (known) return known as Kernel<U>;
    const storageBuffers = Object.keys(spec.bindings).length;
    if (storageBuffers > MOST_STORAGE_BUFFERS)
      throw new Error(
        `${spec.name} binds ${storageBuffers} storage buffers; portable is at most ${MOST_STORAGE_BUFFERS}`,
      );
    const layout = bindGroupLayout(this.device, spec);
    const kernel: Kernel<U> = {
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
    const module = this.device.createShaderModule({ label: spec.name, code: shaderText(spec.code) });
    kernel.pipeline = await this.device.createComputePipelineAsync({
      label: spec.name,
      layout: this.device.createPipelineLayout({ bindGroupLayouts: [kernel.layout] }),
      compute: { module, entryPoint: spec.entry },
    });
  }

  async ready(): Promise<void> {
    while (this.pending.length > 0) await this.failures.explain(Promise.all(this.pending.splice(0)));
    this.check();
  }

  dispatch<U extends Uniforms>(
    kernel: Kernel<U>,
    values: UniformValues<U>,
    views: readonly View[],
    groups: readonly [number, number?],
    cost = 0,
  ): void {
    if (groups[0] === 0 || groups[1] === 0) return;
    checkViews(kernel.spec, views);
    if (this.slot === RING_SLOTS || this.pacing.isFull(this.cost)) this.flush();
    const offset = this.slot++ * UNIFORM_STRIDE;
    writeUniforms(this.stagingView, offset, kernel.spec, values);
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
    const [from, to] = [source.buffer as GPUBuffer, target.buffer as GPUBuffer];
    this.outsidePass().copyBufferToBuffer(from, source.offset, to, target.offset, source.size);
  }

  clear(target: View): void {
    this.outsidePass().clearBuffer(target.buffer as GPUBuffer, target.offset, target.size);
  }

  write(buffer: DeviceBuffer, data: ArrayBufferView<ArrayBuffer>, byteOffset = 0): void {
    this.flush();
    this.device.queue.writeBuffer(buffer as GPUBuffer, byteOffset, data.buffer, data.byteOffset, data.byteLength);
  }

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

  async breathe(): Promise<void> {
    await this.pacing.breathe();
    await this.gate();
    this.check();
  }

  async settle(): Promise<void> {
    this.flush();
    await patiently(this.device.queue.onSubmittedWorkDone());
    this.pacing.idle();
    this.check();
  }

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

  stopwatch(): GpuStopwatch {
    return new GpuStopwatch(this);
  }

  close(): void {
    this.device.destroy();
  }
}
