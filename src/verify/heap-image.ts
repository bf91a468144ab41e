/** Copies of linear memory that are written back between programs. Closed like interpreterModule, because workers receive its text. */

/** Linear memory after boot without its empty parts, which are half of it, and the address of the guard's `answer` in it. */
export interface StoredImage<Bytes = Uint8Array<ArrayBuffer> | Blob> {
  /** Bytes of the memory. */
  readonly size: number;
  readonly entry: number;
  /** Start and end of each part that is not empty, in order. */
  readonly parts: Uint32Array<ArrayBuffer>;
  /** Their content, one after another. A Blob travels to workers without a copy in memory for each. */
  readonly bytes: Bytes;
}

/** An image whose content is in memory. */
export type HeapImage = StoredImage<Uint8Array<ArrayBuffer>>;

/** Interface of the closed function below. */
export interface HeapImageModule {
  /** A copy of `memory`. */
  take(memory: Uint8Array<ArrayBuffer>, entry: number): HeapImage;
  /** Overwrites all of `memory`. Bytes beyond the image become zero: clearing costs a quarter of copying. */
  writeTo(image: HeapImage, memory: Uint8Array): void;
}

/** Everything is inside one function, because workers receive its text. */
export function heapImageModule(): HeapImageModule {
  const PAGE_BYTES = 65536;

  /** A last page that is not whole counts as filled. */
  const isEmpty = (memory: Uint8Array<ArrayBuffer>, start: number): boolean => {
    if (start + PAGE_BYTES > memory.length) return false;
    const words = new Uint32Array(memory.buffer, memory.byteOffset + start, PAGE_BYTES >> 2);
    for (let index = 0; index < words.length; index++) if (words[index] !== 0) return false;
    return true;
  };

  /** Neighbouring pages are one part. */
  const partsOf = (memory: Uint8Array<ArrayBuffer>): number[] => {
    const parts: number[] = [];
    for (let start = 0; start < memory.length; start += PAGE_BYTES) {
      if (isEmpty(memory, start)) continue;
      if (parts.at(-1) === start) parts.pop();
      else parts.push(start);
      parts.push(Math.min(start + PAGE_BYTES, memory.length));
    }
    return parts;
  };

  /** Calls `visit` with each part and where its content begins in `bytes`; returns their total length. */
  const eachPart = (parts: ArrayLike<number>, visit: (start: number, end: number, at: number) => void): number => {
    let at = 0;
    for (let index = 0; index < parts.length; index += 2) {
      const [start, end] = [parts[index] as number, parts[index + 1] as number];
      visit(start, end, at);
      at += end - start;
    }
    return at;
  };

  return {
    take(memory, entry) {
      const parts = new Uint32Array(partsOf(memory));
      const bytes = new Uint8Array(eachPart(parts, () => {}));
      eachPart(parts, (start, end, at) => bytes.set(memory.subarray(start, end), at));
      return { size: memory.length, entry, parts, bytes };
    },
    writeTo({ parts, bytes }, memory) {
      let done = 0;
      eachPart(parts, (start, end, at) => {
        memory.fill(0, done, start);
        memory.set(bytes.subarray(at, at + end - start), start);
        done = end;
      });
      memory.fill(0, done);
    },
  };
}
