import type { DeviceBuffer, View } from "../device/view";
import type { Kernel } from "./kernel";

/** Bind groups by kernel and views. Each is created once and reused in later steps. */
export class BindGroups {
  private readonly groups = new Map<string, GPUBindGroup>();
  private readonly ids = new WeakMap<DeviceBuffer, number>();
  private nextId = 1;

  constructor(
    private readonly device: GPUDevice,
    private readonly uniforms: GPUBufferBinding,
  ) {}

  /** A buffer must be registered before it is bound. */
  register(buffer: GPUBuffer): void {
    this.ids.set(buffer, this.nextId++);
  }

  /** Drops every group that binds a buffer. */
  forget(buffer: GPUBuffer): void {
    const mark = `b${this.idOf(buffer)}.`;
    for (const key of this.groups.keys()) if (key.includes(mark)) this.groups.delete(key);
  }

  find(kernel: Kernel, views: readonly View[]): GPUBindGroup {
    let key = `k${kernel.id}`;
    for (const v of views) key += `b${this.idOf(v.buffer)}.${v.offset}+${v.size}`;
    let group = this.groups.get(key);
    if (!group) {
      group = this.create(kernel, views);
      this.groups.set(key, group);
    }
    return group;
  }

  private create({ spec, layout, bindingNumbers }: Kernel, views: readonly View[]): GPUBindGroup {
    const entries: GPUBindGroupEntry[] = views.map((v, i) => ({
      binding: bindingNumbers[i] as number,
      resource: { buffer: v.buffer as GPUBuffer, offset: v.offset, size: v.size },
    }));
    entries.unshift({ binding: 0, resource: this.uniforms });
    return this.device.createBindGroup({ label: spec.name, layout, entries });
  }

  private idOf(buffer: DeviceBuffer): number {
    const id = this.ids.get(buffer);
    if (id === undefined) throw new Error(`buffer ${buffer.label} was not created by this Gpu`);
    return id;
  }
}
