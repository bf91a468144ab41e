/** Browser features that the libraries need and Node lacks. */

/** Methods of iterators that jax-js calls and Node 20 does not have yet (ECMAScript 2025). */
const helpers = {
  *map<T, R>(this: Iterable<T>, change: (value: T, index: number) => R): Generator<R> {
    let index = 0;
    for (const value of this) yield change(value, index++);
  },
  *filter<T>(this: Iterable<T>, keep: (value: T, index: number) => boolean): Generator<T> {
    let index = 0;
    for (const value of this) if (keep(value, index++)) yield value;
  },
  toArray<T>(this: Iterable<T>): T[] {
    return [...this];
  },
  some<T>(this: Iterable<T>, test: (value: T, index: number) => boolean): boolean {
    return [...this].some(test);
  },
  every<T>(this: Iterable<T>, test: (value: T, index: number) => boolean): boolean {
    return [...this].every(test);
  },
  forEach<T>(this: Iterable<T>, act: (value: T, index: number) => void): void {
    [...this].forEach(act);
  },
  reduce<T, R>(this: Iterable<T>, combine: (sum: R, value: T, index: number) => R, start: R): R {
    return [...this].reduce(combine, start);
  },
};

/** Adds the missing methods; changes nothing if the platform has them. */
export function addIteratorHelpers(): void {
  const prototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object;
  for (const [name, value] of Object.entries(helpers))
    if (!(name in prototype)) Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
}

/** Dawn's `writeBuffer` refuses views of shared memory. Browsers accept them, and ONNX Runtime's heap is one. */
export function acceptSharedMemory(): void {
  const { prototype } = (globalThis as unknown as { GPUQueue: { prototype: GPUQueue } }).GPUQueue;
  const { writeBuffer } = prototype;
  prototype.writeBuffer = function (buffer, at, data, offset, size) {
    const view = data as Uint8Array<ArrayBuffer>;
    const isShared = ArrayBuffer.isView(data) && (data.buffer as unknown) instanceof SharedArrayBuffer;
    writeBuffer.call(this, buffer, at, isShared ? view.slice() : view, offset, size);
  };
}
