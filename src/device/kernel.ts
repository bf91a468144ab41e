/** Source of a kernel, for either device. Knows nothing of transformers. */
import type { View } from "./view";

/** "read" is `var<storage, read>`, "write" is `var<storage, read_write>`. */
export type Access = "read" | "write";

/** The uniform struct of a kernel: its fields in order. The shader has the same names in snake_case. */
export type Uniforms = Readonly<Record<string, "u32" | "f32">>;

/** The values of one dispatch, by name. */
export type UniformValues<U extends Uniforms> = { readonly [Name in keyof U]: number };

/** One entry point of a WGSL file and its sibling in the CPU module, their uniforms and bindings. */
export interface KernelSpec<U extends Uniforms = Uniforms> {
  /** File stem and entry point, e.g. `rmsnorm.forward`: the label in errors and traces. */
  readonly name: string;
  readonly code: string;
  readonly entry: string;
  readonly uniforms: U;
  /** Binding number → access, in the order in which a dispatch passes its buffers. */
  readonly bindings: Readonly<Record<number, Access>>;
  /** The binding that holds float16, if any. */
  readonly halves?: number;
  /** The sibling on the CPU. Default: the module's function of the same name, such as `rmsnorm_forward`, without constants. */
  readonly cpu?: CpuEntry;
}

/** A function of the CPU module: it takes the fields of the uniform struct, the buffers in order, then these constants. */
export interface CpuEntry {
  readonly entry: string;
  /** Constants that WGSL has in its prelude. */
  readonly constants: readonly number[];
}

/** A kernel of one device; only that device can run it. */
export interface Kernel<U extends Uniforms = Uniforms> {
  readonly spec: KernelSpec<U>;
}

/** @throws if a dispatch passes other buffers than the kernel binds, or float16 data for float32 or the reverse */
export function checkViews({ name, bindings, halves: ofHalves }: KernelSpec, views: readonly View[]): void {
  const numbers = Object.keys(bindings).map(Number);
  if (views.length !== numbers.length)
    throw new Error(`${name}: expected ${numbers.length} buffers, got ${views.length}`);
  views.forEach(({ buffer, halves = false }, i) => {
    if (halves !== (numbers[i] === ofHalves))
      throw new Error(`${name}: ${buffer.label} holds ${halves ? "float16" : "float32"}, expected the other`);
  });
}
