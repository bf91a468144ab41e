import { type Allocator, bufferBytes, type DeviceBuffer } from "./view";

/** Sums up the bytes of a plan without allocating. */
export class Tally implements Allocator {
  bytes = 0;

  /** @param mostBytes size limit of one buffer */
  constructor(private readonly mostBytes: number) {}

  /** @throws KelvinError "out-of-memory" under the same condition as the device */
  storage(label: string, floats: number): DeviceBuffer {
    const size = bufferBytes(label, floats * 4, this.mostBytes);
    this.bytes += size;
    return { label, size };
  }
}
