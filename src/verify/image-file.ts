/**
 * Heap images in one file: u32 count; per image u32 size, u32 entry and the number of its `parts`; then all parts, u32 each;
 * then the content of all images.
 */
import type { HeapImage, StoredImage } from "./heap-image";
import type { Images } from "./pool";

/** Parts to be written in order. */
export function packImages({ snapshot, others }: Images<HeapImage>): Uint8Array<ArrayBuffer>[] {
  const all = [snapshot, ...others];
  const heads = all.flatMap(({ size, entry, parts }) => [size, entry, parts.length]);
  const header = new Uint32Array([all.length, ...heads, ...all.flatMap(({ parts }) => [...parts])]);
  return [new Uint8Array(header.buffer), ...all.map(({ bytes }) => bytes)];
}

/**
 * The images of a file of `length` bytes; `content` gives its bytes from `start` to `end`. `head` is the file or its beginning,
 * at least everything before the content. null if the file is not from `packImages`, for example after an interrupted write.
 * Closed: the jail's frame receives its text.
 */
export function unpackImages<Bytes extends StoredImage["bytes"]>(
  head: Uint8Array<ArrayBuffer>,
  length: number,
  content: (start: number, end: number) => Bytes,
): Images<StoredImage<Bytes>> | null {
  const file = new DataView(head.buffer, head.byteOffset, head.byteLength);
  let at = 0;
  /** Past the end of a broken file everything reads as 0. */
  const word = (): number => {
    at += 4;
    return at > head.length ? 0 : file.getUint32(at - 4, true);
  };
  const words = (count: number): number[] => Array.from({ length: Math.min(count, head.length >> 2) }, word);
  const heads = Array.from({ length: Math.min(word(), head.length >> 2) }, () => words(3));
  const parts = heads.map(([, , count = 0]) => new Uint32Array(words(count)));
  const images = heads.map(([size = 0, entry = 0], index): StoredImage<Bytes> => {
    const own = parts[index] ?? new Uint32Array();
    const bytes = own.reduce((sum, edge, place) => sum + (place % 2 === 0 ? -edge : edge), 0);
    at += bytes;
    return { size, entry, parts: own, bytes: content(at - bytes, at) };
  });
  const [snapshot, ...others] = images;
  return snapshot && at === length ? { snapshot, others } : null;
}
