/** Copies of linear memory that are written back between programs. Closed like interpreterModule, because workers receive its text. */

/** Linear memory after boot, and the address of the guard's `answer` in it. */
export interface HeapImage {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly entry: number;
}

/** An image that is ready to be written back. */
export interface WritableImage extends HeapImage {
  /** Overwrites all of linear memory. Bytes beyond the image become zero. */
  writeTo(memory: Uint8Array): void;
}

/** Interface of the closed function below. */
export interface HeapImageModule {
  writable(image: HeapImage): WritableImage;
}

/** Everything is inside one function, because workers receive its text. */
export function heapImageModule(): HeapImageModule {
  const PAGE_BYTES = 65536;

  /** A range of an image; bytes are null if all are zero. Half of an image is zero, and clearing costs a quarter of copying. */
  interface Range {
    readonly start: number;
    readonly end: number;
    readonly bytes: Uint8Array | null;
  }

  const isZero = (words: Uint32Array): boolean => {
    for (let index = 0; index < words.length; index++) if (words[index] !== 0) return false;
    return true;
  };

  /** Neighbouring pages of one kind are one range. */
  const rangesOf = (bytes: Uint8Array<ArrayBuffer>): Range[] => {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
    const pageWords = PAGE_BYTES >> 2;
    const ranges: Range[] = [];
    for (let page = 0; page * PAGE_BYTES < bytes.length; page++) {
      const zero = isZero(words.subarray(page * pageWords, (page + 1) * pageWords));
      const last = ranges.at(-1);
      const start = last && (last.bytes === null) === zero ? last.start : page * PAGE_BYTES;
      if (start === last?.start) ranges.pop();
      const end = Math.min((page + 1) * PAGE_BYTES, bytes.length);
      ranges.push({ start, end, bytes: zero ? null : bytes.subarray(start, end) });
    }
    return ranges;
  };

  const writable = ({ bytes, entry }: HeapImage): WritableImage => {
    const ranges = rangesOf(bytes);
    return {
      bytes,
      entry,
      writeTo(memory) {
        for (const range of ranges) {
          if (range.bytes) memory.set(range.bytes, range.start);
          else memory.fill(0, range.start, range.end);
        }
        if (memory.length > bytes.length) memory.fill(0, bytes.length);
      },
    };
  };

  return { writable };
}
