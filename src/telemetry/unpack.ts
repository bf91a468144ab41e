/** Limits for packed files from outside: their unpacked size is checked before unpacking, from their headers, and during it. */
import { KelvinError } from "../contracts";

/** Largest ratio of unpacked to packed size. Logs have 10 to 40; a zip bomb has 1,000. */
export const MOST_TIMES = 200;
/** Any file may unpack to this many bytes. */
const ALWAYS = 16 * 2 ** 20;
/** Most bytes of a log, packed or not: its text must fit into one string, and its events into memory. */
export const MOST_LOG = 500 * 2 ** 20;

/** The most bytes that a packed file of a size may unpack to, where `most` are ever allowed. */
export function allowance(size: number, most: number): number {
  return Math.min(most, Math.max(ALWAYS, MOST_TIMES * size));
}

/** @throws KelvinError "input" if `bytes` are more than a packed file of this size may unpack to */
export function demandWithin(bytes: number, size: number, most: number, what: string): void {
  const allowed = allowance(size, most);
  if (bytes <= allowed) return;
  const why = allowed === MOST_TIMES * size ? `${MOST_TIMES} times its size` : megabytes(allowed);
  throw new KelvinError("input", `${what} unpacks to more than ${why}.`, "It is not unpacked. Choose the log itself.");
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}

/** The same bytes; the stream breaks where `check` throws, which is told how many there were so far. */
export function counted(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  check: (bytes: number) => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let bytes = 0;
  const counter = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      check(bytes);
      controller.enqueue(chunk);
    },
  });
  // Node's gunzip may still hand over a chunk after it was cancelled, and that ends the process. Unread, it stops by itself.
  return stream.pipeThrough(counter, { preventCancel: true });
}

/**
 * The bytes of a log as it lies in a file, plain or packed with gzip. Some servers unpack on the way, so the first bytes
 * decide, not the name.
 * @throws KelvinError "input" for what is too large; the stream breaks with it where only unpacking shows that
 */
export async function logBytes(file: Blob): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  if (first !== 0x1f || second !== 0x8b) return plainBytes(file);
  // The size in a gzip file is not reliable, and is missing in a cut-off file, so bytes are counted.
  const check = (bytes: number) => demandWithin(bytes, file.size, MOST_LOG, "The packed log");
  return counted(file.stream().pipeThrough(new DecompressionStream("gzip")), check);
}

function plainBytes(file: Blob): ReadableStream<Uint8Array<ArrayBuffer>> {
  if (file.size <= MOST_LOG) return file.stream();
  const message = `The log is larger than ${megabytes(MOST_LOG)}.`;
  throw new KelvinError("input", message, "Leave out samples with npm run record.");
}
