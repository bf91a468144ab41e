/** Kernels on WebGPU: compiled entry points of WGSL files with their layouts. */
import type { Kernel as AnyKernel, KernelSpec, Uniforms, UniformValues } from "../device/kernel";

/** A compiled kernel. `pipeline` is set once `Gpu.ready` has resolved. */
export interface Kernel<U extends Uniforms = Uniforms> extends AnyKernel<U> {
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
export function writeUniforms<U extends Uniforms>(
  view: DataView,
  offset: number,
  { uniforms }: KernelSpec<U>,
  values: UniformValues<U>,
): void {
  let at = offset;
  for (const name in uniforms) {
    if (uniforms[name] === "u32") view.setUint32(at, values[name], true);
    else view.setFloat32(at, values[name], true);
    at += 4;
  }
}
