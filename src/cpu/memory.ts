import { KelvinError } from "../contracts";
import { Ranges } from "./ranges";

/** Bytes of a page of WebAssembly's memory. */
const PAGE = 2 ** 16;
/** Bytes that 32-bit addresses can reach. */
export const MOST_BYTES = 2 ** 32;
/** The module's own page, then the work area of its kernels: shaders/lib/work.ts. */
const WORK = PAGE;
const WORK_BYTES = 2 ** 24;
const FIRST = WORK + WORK_BYTES;

/** The memory of one CPU device: buffers are ranges of it. */
export class CpuMemory {
  readonly memory = new WebAssembly.Memory({ initial: FIRST / PAGE });
  private readonly ranges = new Ranges(FIRST);

  /** Free bytes, in one or several ranges. */
  get availableBytes(): number {
    return MOST_BYTES - this.ranges.end + this.ranges.freeBytes;
  }

  /**
   * Start of a new range of zeros.
   * @throws KelvinError "out-of-memory" if the memory cannot grow
   */
  take(label: string, bytes: number): number {
    const { at, used } = this.ranges.take(bytes);
    this.growTo(label, at, bytes);
    if (used) this.bytes(at, bytes).fill(0);
    return at;
  }

  give(at: number, bytes: number): void {
    this.ranges.give(at, bytes);
  }

  /** A view of a range, until the memory grows. */
  bytes(at: number, bytes: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.memory.buffer as ArrayBuffer, at, bytes);
  }

  private growTo(label: string, at: number, bytes: number): void {
    const missing = at + bytes - this.memory.buffer.byteLength;
    if (missing <= 0) return;
    try {
      this.memory.grow(Math.ceil(missing / PAGE)); // views of it are of no use from now on
    } catch {
      this.ranges.give(at, bytes);
      const megabytes = Math.round(this.memory.buffer.byteLength / 1e6);
      throw new KelvinError(
        "out-of-memory",
        `${label} needs ${bytes} bytes, and the memory of ${megabytes} MB cannot grow; 4,295 MB is the most it can have`,
        "Choose a smaller model, train adapters (LoRA) instead of the whole of it, or close what else uses memory.",
      );
    }
  }
}
