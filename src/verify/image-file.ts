/** Heap images in one file: u32 count, then per image u32 entry and u32 length, then all images. */
import type { HeapImage } from "./heap-image";
import type { Images } from "./pool";

/** Parts to be written in order. */
export function packImages({ snapshot, others }: Images): Uint8Array<ArrayBuffer>[] {
  const all = [snapshot, ...others];
  const header = new Uint32Array([all.length, ...all.flatMap(({ entry, bytes }) => [entry, bytes.length])]);
  return [new Uint8Array(header.buffer), ...all.map(({ bytes }) => bytes)];
}

/** null if the bytes are not from `packImages`, for example after an interrupted write. Closed: the jail's frame receives its text. */
export function unpackImages(data: Uint8Array<ArrayBuffer>): Images | null {
  const words = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const count = data.length < 4 ? 0 : words.getUint32(0, true);
  let at = 4 * (1 + 2 * count);
  if (at > data.length) return null;
  const images: HeapImage[] = [];
  for (let index = 0; index < count; index++) {
    const length = words.getUint32(8 + 8 * index, true);
    images.push({ entry: words.getUint32(4 + 8 * index, true), bytes: data.slice(at, at + length) });
    at += length;
  }
  const [snapshot, ...others] = images;
  return snapshot && at === data.length ? { snapshot, others } : null;
}
