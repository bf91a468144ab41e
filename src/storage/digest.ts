/** Digests of files of any size, the same in Node and in browsers, with one block in memory. */

/** The content of a file, in pieces. */
export type Pieces = readonly Uint8Array<ArrayBuffer>[];

const BLOCK_BYTES = 4 * 2 ** 20;

/** SHA-256 over the SHA-256 of each 4 MiB, in hexadecimal. The cuts between pieces do not matter. */
export async function digestOf(content: Pieces | Blob): Promise<string> {
  const hashes: number[] = [];
  for await (const block of content instanceof Blob ? blocksOfBlob(content) : blocksOf(content))
    for (const byte of await sha256(block)) hashes.push(byte);
  return Array.from(await sha256(Uint8Array.from(hashes)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function* blocksOfBlob(blob: Blob): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < blob.size; at += BLOCK_BYTES)
    yield new Uint8Array(await blob.slice(at, at + BLOCK_BYTES).arrayBuffer());
}

/** Copies only blocks that several pieces share. */
function* blocksOf(pieces: Pieces): Generator<Uint8Array<ArrayBuffer>> {
  let shared = new Uint8Array(BLOCK_BYTES);
  let filled = 0;
  for (const piece of pieces)
    for (let at = 0; at < piece.byteLength; ) {
      const part = piece.subarray(at, at + BLOCK_BYTES - filled);
      at += part.byteLength;
      if (part.byteLength === BLOCK_BYTES) yield part;
      else {
        shared.set(part, filled);
        filled += part.byteLength;
      }
      if (filled < BLOCK_BYTES) continue;
      yield shared;
      shared = new Uint8Array(BLOCK_BYTES);
      filled = 0;
    }
  if (filled > 0) yield shared.subarray(0, filled);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
