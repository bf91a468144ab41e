import { describe, expect, it } from "vitest";
import { createRng } from "../../src/rollout/rng";
import { heapImageModule } from "../../src/verify/heap-image";
import { packImages, unpackImages } from "../../src/verify/image-file";

const PAGE = 65536;
const heaps = heapImageModule();

/** A memory of pages that are empty or hold something, and a last one that is not whole. */
function memoryOf(seed: number, pages: number, rest: number): Uint8Array<ArrayBuffer> {
  const rng = createRng(seed);
  const memory = new Uint8Array(pages * PAGE + rest);
  for (let page = 0; page < pages; page++)
    if (rng.next() < 0.5) memory[page * PAGE + rng.below(PAGE)] = 1 + rng.below(255);
  return memory;
}

const joined = (pieces: readonly Uint8Array<ArrayBuffer>[]) => new Uint8Array(Buffer.concat(pieces));

describe("a heap image", () => {
  it.each([
    [1, 9, 0],
    [2, 1, 128],
    [3, 0, 3],
    [4, 16, 4],
  ])("is the memory again, whatever that has become, and zero beyond (seed %i)", (seed, pages, rest) => {
    const memory = memoryOf(seed, pages, rest);
    const image = heaps.take(memory, 7);
    expect(image).toMatchObject({ size: memory.length, entry: 7 });
    const grown = new Uint8Array(memory.length + PAGE).fill(9);
    heaps.writeTo(image, grown);
    expect(Buffer.compare(grown.subarray(0, memory.length), memory)).toBe(0);
    expect(grown.subarray(memory.length).every((byte) => byte === 0)).toBe(true);
  });

  it("holds no empty page", () => {
    const memory = new Uint8Array(10 * PAGE);
    memory[3 * PAGE] = 1;
    memory[5 * PAGE - 1] = 2;
    memory[8 * PAGE + 5] = 3;
    const { parts, bytes } = heaps.take(memory, 0);
    expect([...parts]).toEqual([3, 5, 8, 9].map((page) => page * PAGE));
    expect(bytes.length).toBe(3 * PAGE);
  });
});

describe("a file of heap images", () => {
  const images = { snapshot: heaps.take(memoryOf(5, 4, 128), 11), others: [heaps.take(memoryOf(6, 4, 0), 12)] };
  const file = joined(packImages(images));
  const unpacked = (data: Uint8Array<ArrayBuffer>) =>
    unpackImages(data, data.length, (start, end) => data.slice(start, end));

  it("is read as it was written", () => {
    const read = unpacked(file);
    expect(read && Buffer.compare(joined(packImages(read)), file)).toBe(0);
    expect(read?.others).toHaveLength(1);
    expect(read?.snapshot).toMatchObject({ size: 4 * PAGE + 128, entry: 11, parts: images.snapshot.parts });
  });

  it("is read by its beginning alone, where its content stays elsewhere", async () => {
    const blob = new Blob([file]);
    const read = unpackImages(file.slice(0, 200), blob.size, (start, end) => blob.slice(start, end));
    const bytes = read && new Uint8Array(await read.others[0]!.bytes.arrayBuffer());
    expect(bytes && Buffer.compare(bytes, images.others[0]!.bytes)).toBe(0);
  });

  it("is refused if it ends early, goes on, or is something else", () => {
    for (const length of [0, 3, 4, 15, 40, file.length - 1]) expect(unpacked(file.slice(0, length))).toBeNull();
    expect(unpacked(joined([file, new Uint8Array(1)]))).toBeNull();
    expect(unpacked(new Uint8Array(64).fill(255))).toBeNull();
    expect(
      unpacked(new TextEncoder().encode("<!doctype html><title>Not found</title>") as Uint8Array<ArrayBuffer>),
    ).toBeNull();
  });
});
