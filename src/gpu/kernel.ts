/** Kernels on WebGPU: compiled entry points of WGSL files with their layouts. */
import type { Kernel as AnyKernel, KernelSpec } from "../device/kernel";

/** A compiled kernel. `pipeline` is set once `Gpu.ready` has resolved. */
export interface Kernel extends AnyKernel {
  readonly id: number;
  readonly layout: GPUBindGroupLayout;
  readonly bindingNumbers: readonly number[];
  pipeline: GPUComputePipeline | null;
}

/** The layout of a kernel: its uniforms at binding 0, then its storage buffers. */
export function bindGroupLayout(device: GPUDevice, spec: KernelSpec): GPUBindGroupLayout {
  const storage = Object.entries(spec.bindings).map(([binding, access]) => ({
    binding: Number(binding),
    visibility: GPUShaderStage.COMPUTE,
    buffer: { type: access === "read" ? ("read-only-storage" as const) : ("storage" as const) },
  }));
  return device.createBindGroupLayout({
    label: spec.name,
    entries: [
      { binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: "uniform", hasDynamicOffset: true } },
      ...storage,
    ],
  });
}

/** Writes the uniform struct of one dispatch. */
export function writeParams(view: DataView, offset: number, types: string, values: readonly number[]): void {
  if (types.length !== values.length) throw new Error(`expected ${types.length} parameters, got ${values.length}`);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (types[i] === "u") view.setUint32(offset + i * 4, value, true);
    else view.setFloat32(offset + i * 4, value, true);
  }
}
