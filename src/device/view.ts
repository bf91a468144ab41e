import { KelvinError } from "../contracts";

/** Memory of a device, which only the device that gave it can look into. */
export interface DeviceBuffer {
  readonly label: string;
  /** Bytes, a multiple of 16. */
  readonly size: number;
}

/** A range of a buffer, in bytes. */
export interface View {
  readonly buffer: DeviceBuffer;
  readonly offset: number;
  readonly size: number;
  /** Numbers are float16, two bytes each; if absent, float32 or u32. */
  readonly halves?: boolean;
}

/** A range of a buffer; the whole of it unless offset and size, in bytes, say less. */
export function view(buffer: DeviceBuffer, offset = 0, size = buffer.size - offset): View {
  return { buffer, offset, size };
}

/** Number of elements in a view. */
export function numbersIn({ size, halves }: View): number {
  return size / (halves ? 2 : 4);
}

/** Creates buffers: the device, or a plan that only sums up the bytes. */
export interface Allocator {
  /** A buffer kernels read and write, `floats` 4-byte elements long, zero at first. */
  storage(label: string, floats: number): DeviceBuffer;
}

/**
 * Bytes of a buffer for `size` bytes: whole vec4, never empty.
 * @throws KelvinError "out-of-memory" naming the buffer that is larger than an adapter binds
 */
export function bufferBytes(label: string, size: number, most: number): number {
  const bytes = Math.max(16, Math.ceil(size / 16) * 16);
  if (bytes <= most) return bytes;
  const message = `${label} needs ${bytes} bytes, the adapter binds at most ${most}`;
  throw new KelvinError(
    "out-of-memory",
    message,
    "Choose a smaller model, or an adapter with larger storage bindings.",
  );
}
