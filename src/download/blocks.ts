/** Files in blocks with a digest each. Every read checks the digests. */
import { KelvinError } from "../contracts";
import type { ModelFile } from "../model/source";

/** Large enough that a model has few digests, small enough to hold one block in memory. */
export const BLOCK_BYTES = 4 * 2 ** 20;

/** Cuts a stream into blocks and digests them. */
export class BlockDigests {
  private readonly block = new Uint8Array(BLOCK_BYTES);
  private filled = 0;

  /** @param digests of the blocks that are already stored */
  constructor(readonly digests: string[]) {}

  /** @returns whether this completed a block */
  async add(bytes: Uint8Array): Promise<boolean> {
    const before = this.digests.length;
    for (let at = 0; at < bytes.byteLength; ) {
      const part = bytes.subarray(at, at + BLOCK_BYTES - this.filled);
      this.block.set(part, this.filled);
      this.filled += part.byteLength;
      at += part.byteLength;
      if (this.filled === BLOCK_BYTES) await this.end();
    }
    return this.digests.length > before;
  }

  /** Ends the file: digests the last, incomplete block. */
  async end(): Promise<void> {
    if (this.filled > 0) this.digests.push(await digest(this.block.subarray(0, this.filled)));
    this.filled = 0;
  }
}

/** A stored file that compares its blocks with their digests when they are read. */
export class CheckedFile implements ModelFile {
  private last: { readonly index: number; readonly bytes: Uint8Array<ArrayBuffer> } | null = null;

  /** @param onDamage called before a read fails because of damage */
  constructor(
    private readonly name: string,
    private readonly blob: Blob,
    private readonly digests: readonly string[],
    private readonly onDamage: () => Promise<void>,
  ) {}

  get size(): number {
    return this.blob.size;
  }

  async read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const index = Math.floor((offset + at) / BLOCK_BYTES);
      const block = await this.checked(index);
      const part = block.subarray(offset + at - index * BLOCK_BYTES, offset + length - index * BLOCK_BYTES);
      if (part.byteLength === 0) throw await this.damaged();
      bytes.set(part, at);
      at += part.byteLength;
    }
    return bytes;
  }

  private async checked(index: number): Promise<Uint8Array<ArrayBuffer>> {
    if (this.last?.index === index) return this.last.bytes;
    const part = this.blob.slice(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES);
    const bytes = await part.arrayBuffer().then(
      (buffer) => new Uint8Array(buffer),
      () => null,
    );
    if (!bytes || (await digest(bytes)) !== this.digests[index]) throw await this.damaged();
    this.last = { index, bytes };
    return bytes;
  }

  private async damaged(): Promise<KelvinError> {
    await this.onDamage();
    return new KelvinError(
      "model",
      `${this.name}, kept on this device, is not what was downloaded`,
      "It was deleted: load the model again to fetch it anew.",
    );
  }
}

export async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
