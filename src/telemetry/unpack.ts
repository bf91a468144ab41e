/** Packed files come from outside: what they unpack to is counted before it is unpacked, by what they say, and meanwhile. */
import { KelvinError } from "../contracts";

/** A packed file may unpack to so many times its size. Logs take 10 to 40 times less room packed; a bomb 1,000 times less. */
export const MOST_TIMES = 200;
/** Whatever their size, files may unpack to so many bytes. */
const ALWAYS = 16 * 2 ** 20;
/** Bytes of a log, packed or not: its text has to fit into one string, and its events into memory. */
export const MOST_LOG = 500 * 2 ** 20;

/** The most bytes that a packed file of a size may unpack to, where `most` are ever allowed. */
export function allowance(size: number, most: number): number {
  return Math.min(most, Math.max(ALWAYS, MOST_TIMES * size));
}

/** @throws KelvinError "input" where `bytes` are more than `most` */
export function refuseBeyond(bytes: number, most: number, what: string, size: number): void {
  if (bytes <= most) return;
  const times = most < size * MOST_TIMES ? "" : `, ${MOST_TIMES} times its size`;
  throw new KelvinError(
    "input",
    `${what} unpacks to more than ${Math.round(most / 2 ** 20).toLocaleString("en-US")} MB${times}.`,
    "Kelvin does not unpack it. Unpack it yourself if you trust it, and choose the log in it.",
  );
}

/** The same bytes; the stream breaks as soon as there are more than `most`. */
export function counted(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  check: (bytes: number) => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let bytes = 0;
  return stream.pipeThrough(
    new TransformStream({
      transform(chunk, controller) {
        bytes += chunk.byteLength;
        check(bytes);
        controller.enqueue(chunk);
      },
    }),
  );
}

/**
 * The bytes of a log as it lies in a file, plain or packed with gzip. Some servers unpack on the way, so the first bytes
 * decide, not the name.
 * @throws KelvinError "input" for what is too large; the stream breaks with it where only unpacking shows that
 */
export async function logBytes(file: Blob): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  if (first !== 0x1f || second !== 0x8b) return plainBytes(file);
  const most = allowance(file.size, MOST_LOG);
  const check = (bytes: number) => refuseBeyond(bytes, most, "The packed log", file.size);
  check(await declaredBytes(file));
  return counted(file.stream().pipeThrough(new DecompressionStream("gzip")), check);
}

function plainBytes(file: Blob): ReadableStream<Uint8Array<ArrayBuffer>> {
  if (file.size <= MOST_LOG) return file.stream();
  const most = `${MOST_LOG / 2 ** 20} MB`;
  throw new KelvinError("input", `The log is larger than ${most}.`, "Leave out samples with npm run record.");
}

/** The last four bytes of a gzip file hold the size of its content, modulo 2³². */
async function declaredBytes(file: Blob): Promise<number> {
  const last = await file.slice(-4).arrayBuffer();
  return last.byteLength === 4 ? new DataView(last).getUint32(0, true) : 0;
}
