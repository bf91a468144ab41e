/** A range of a buffer, in bytes. */
export interface View {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly size: number;
}

export function view(buffer: GPUBuffer, offset = 0, size = buffer.size - offset): View {
  return { buffer, offset, size };
}

/** Who gives buffers: the device, or a plan that only adds up what would be taken. */
export interface Allocator {
  /** A buffer kernels read and write, `floats` 4-byte elements long, zero at first. */
  storage(label: string, floats: number): GPUBuffer;
}

/** Bytes of a buffer that holds `size` bytes: whole vec4, never empty. */
export function bufferBytes(size: number): number {
  return Math.max(16, Math.ceil(size / 16) * 16);
}
