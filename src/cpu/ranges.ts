/** Free ranges of a memory that only grows. Neighbours are merged; the first range that is long enough is taken. */
interface Range {
  at: number;
  bytes: number;
}

/** Ranges start and end at multiples of this: four vectors, a line of the processor's cache. */
const ALIGNMENT = 64;

export class Ranges {
  /** In order of their addresses; no two touch. */
  private readonly free: Range[] = [];

  /** @param top start of the unused memory */
  constructor(private top: number) {}

  /** Bytes that a range for `bytes` takes. */
  static rounded(bytes: number): number {
    return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
  }

  /** The end of all ranges that were ever taken. */
  get end(): number {
    return this.top;
  }

  /** Bytes below `end` that are free. */
  get freeBytes(): number {
    return this.free.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** A free range; `used` says that it was taken before and contains old numbers. */
  take(bytes: number): { readonly at: number; readonly used: boolean } {
    const size = Ranges.rounded(bytes);
    const index = this.free.findIndex((range) => range.bytes >= size);
    const found = this.free[index];
    if (!found) {
      const at = this.top;
      this.top += size;
      return { at, used: false };
    }
    const { at } = found;
    found.at += size;
    found.bytes -= size;
    if (found.bytes === 0) this.free.splice(index, 1);
    return { at, used: true };
  }

  /** Gives a range back. */
  give(at: number, bytes: number): void {
    const size = Ranges.rounded(bytes);
    const after = this.free.findIndex((range) => range.at > at);
    const index = after < 0 ? this.free.length : after;
    this.free.splice(index, 0, { at, bytes: size });
    this.join(index);
    this.join(index - 1);
  }

  /** Merges a range with the next one if they touch. */
  private join(index: number): void {
    const [range, next] = [this.free[index], this.free[index + 1]];
    if (!range || !next || range.at + range.bytes !== next.at) return;
    range.bytes += next.bytes;
    this.free.splice(index + 1, 1);
  }
}
