import { KelvinError } from "../contracts";

/** Memory of a device; only that device can access it. */
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

/** A range of a buffer, in bytes; by default the whole buffer. */
export function view(buffer: DeviceBuffer, offset = 0, size = buffer.size - offset): View {
  return { buffer, offset, size };
}

/** Number of elements in a view. */
export function numbersIn({ size, halves }: View): number {
  return size / (halves ? 2 : 4);
}

/** Creates buffers: the device, or a plan that only sums up the bytes. */
export interface Allocator {
  /** A buffer for kernels, `floats` 4-byte elements long, initially zero. */
  storage(label: string, floats: number): DeviceBuffer;
}

/**
 * Size of a buffer for `size` bytes: whole vec4, never empty.
 * @throws KelvinError "out-of-memory" that names the buffer if it exceeds the adapter's limit
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
