import { type Allocator, bufferBytes } from "./view";

/** Adds up what would be taken, and takes nothing. */
export class Tally implements Allocator {
  bytes = 0;

  /** @param mostBytes of the largest buffer that may be asked for */
  constructor(private readonly mostBytes: number) {}

  /** @throws KelvinError "out-of-memory" as the device would */
  storage(label: string, floats: number): GPUBuffer {
    const size = bufferBytes(label, floats * 4, this.mostBytes);
    this.bytes += size;
    return { label, size } as GPUBuffer; // a plan looks at nothing else
  }
}
