/**
 * Heap images in one file: u32 count; per image u32 size, u32 entry and the number of its `parts`; then all parts, u32 each;
 * then the content of all images.
 */
import type { HeapImage } from "./heap-image";
import type { Images } from "./pool";

/** Parts to be written in order. */
export function packImages({ snapshot, others }: Images): Uint8Array<ArrayBuffer>[] {
  const all = [snapshot, ...others];
  const heads = all.flatMap(({ size, entry, parts }) => [size, entry, parts.length]);
  const header = new Uint32Array([all.length, ...heads, ...all.flatMap(({ parts }) => [...parts])]);
  return [new Uint8Array(header.buffer), ...all.map(({ bytes }) => bytes)];
}

/** null if the bytes are not from `packImages`, for example after an interrupted write. Closed: the jail's frame receives its text. */
export function unpackImages(data: Uint8Array<ArrayBuffer>): Images | null {
  const file = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = 0;
  /** Past the end of a broken file everything reads as 0. */
  const word = (): number => {
    at += 4;
    return at > data.length ? 0 : file.getUint32(at - 4, true);
  };
  const words = (count: number): number[] => Array.from({ length: Math.min(count, data.length >> 2) }, word);
  const heads = Array.from({ length: Math.min(word(), data.length >> 2) }, () => words(3));
  const parts = heads.map(([, , count = 0]) => new Uint32Array(words(count)));
  const images = heads.map(([size = 0, entry = 0], index): HeapImage => {
    const own = parts[index] ?? new Uint32Array();
    const length = own.reduce((sum, edge, place) => sum + (place % 2 === 0 ? -edge : edge), 0);
    at += length;
    // A copy, because a message to a worker carries the whole buffer of what it names.
    return { size, entry, parts: own, bytes: data.slice(at - length, at) };
  });
  const [snapshot, ...others] = images;
  return snapshot && at === data.length ? { snapshot, others } : null;
}
