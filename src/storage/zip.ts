/**
 * Zip files of strangers, read where they lie: the list of their entries first, then only the entries that are wanted, in a
 * stream. What they unpack to is counted by what the list says before anything is unpacked, and again while it is.
 * Layout: PKWARE APPNOTE 6.3, without ZIP64.
 */
import { KelvinError } from "../contracts";
import { counted, demandWithin } from "../telemetry/unpack";

/** One file of a zip. */
export interface ZipEntry {
  /** Bytes, as the list says. */
  readonly size: number;
  /** Its bytes, unpacked, in pieces. @throws KelvinError "input" where it is damaged, or larger than the list says */
  read(): AsyncGenerator<Uint8Array<ArrayBuffer>>;
}

const HINT = "Choose the events.jsonl of a run, or a run's folder as a zip file.";
const SIGNATURE = { entry: 0x02014b50, local: 0x04034b50, end: 0x06054b50 };
const END_BYTES = 22;
/** A comment may follow the end of the list. */
const MOST_COMMENT = 65_535;
/** Files and bytes of the list: a run's folder has some twenty. */
const MOST_ENTRIES = 10_000;
const MOST_LIST = 16 * 2 ** 20;
/** Bytes of everything in it; without ZIP64 there cannot be more. */
const MOST_FOLDER = 2 ** 32;
const STORED = 0;
const DEFLATED = 8;

/**
 * The entries of a zip file by path; null if the file is not a zip.
 * @throws KelvinError "input" for a damaged or encrypted one, and for one that unpacks to too much
 */
export async function readZip(file: File): Promise<ReadonlyMap<string, ZipEntry> | null> {
  const first = await bytesOf(file.slice(0, 4), file.name);
  if (first.byteLength < 4 || first.getUint16(0, true) !== 0x4b50) return null;
  const entries = listed(await listOf(file), file);
  const total = [...entries.values()].reduce((sum, { size }) => sum + size, 0);
  demandWithin(total, file.size, MOST_FOLDER, file.name);
  return entries;
}

/** The central directory. */
async function listOf(file: File): Promise<DataView> {
  const start = Math.max(0, file.size - END_BYTES - MOST_COMMENT);
  const tail = await bytesOf(file.slice(start), file.name);
  let at = tail.byteLength - END_BYTES;
  while (at >= 0 && tail.getUint32(at, true) !== SIGNATURE.end) at--;
  if (at < 0) throw damaged(file);
  const [count, bytes, from] = [
    tail.getUint16(at + 10, true),
    tail.getUint32(at + 12, true),
    tail.getUint32(at + 16, true),
  ];
  if (count > MOST_ENTRIES || bytes > MOST_LIST)
    throw new KelvinError("input", `${file.name} holds too many files to be one run.`, HINT);
  return bytesOf(file.slice(from, from + bytes), file.name);
}

function listed(list: DataView, file: File): Map<string, ZipEntry> {
  const entries = new Map<string, ZipEntry>();
  for (let at = 0; at + 46 <= list.byteLength; ) {
    if (list.getUint32(at, true) !== SIGNATURE.entry) throw damaged(file);
    const [nameBytes, extra, comment] = [28, 30, 32].map((offset) => list.getUint16(at + offset, true)) as Triple;
    if (at + 46 + nameBytes > list.byteLength) throw damaged(file);
    const name = new TextDecoder().decode(new Uint8Array(list.buffer, list.byteOffset + at + 46, nameBytes));
    if (entries.has(name)) throw new KelvinError("input", `${file.name} holds two files of the same name.`, HINT);
    entries.set(name, entryAt(list, at, file));
    at += 46 + nameBytes + extra + comment;
  }
  return entries;
}

type Triple = [number, number, number];

function entryAt(list: DataView, at: number, file: File): ZipEntry {
  const [flags, method] = [list.getUint16(at + 8, true), list.getUint16(at + 10, true)];
  const [packed, size, from] = [20, 24, 42].map((offset) => list.getUint32(at + offset, true)) as Triple;
  return { size, read: () => unpack(file, { isEncrypted: (flags & 1) === 1, method, packed, size, from }) };
}

interface Place {
  readonly isEncrypted: boolean;
  readonly method: number;
  readonly packed: number;
  readonly size: number;
  readonly from: number;
}

async function* unpack(file: File, place: Place): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (place.isEncrypted || (place.method !== STORED && place.method !== DEFLATED))
    throw new KelvinError("input", `${file.name} is encrypted, or packed in another way than zip files are.`, HINT);
  const reader = (await bytesIn(file, place)).getReader();
  let bytes = 0;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      bytes += next.value.byteLength;
      yield next.value;
    }
    if (bytes !== place.size) throw damaged(file);
  } catch (error) {
    // The browser names its own internals; the visitor needs to know which file it was.
    throw error instanceof KelvinError ? error : damaged(file);
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function bytesIn(
  file: File,
  { method, packed, size, from }: Place,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const head = await bytesOf(file.slice(from, from + 30), file.name);
  if (head.byteLength < 30 || head.getUint32(0, true) !== SIGNATURE.local) throw damaged(file);
  const start = from + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  const stream = file.slice(start, start + packed).stream();
  if (method === STORED) return stream;
  return counted(stream.pipeThrough(new DecompressionStream("deflate-raw")), (bytes) => {
    if (bytes > size) throw damaged(file);
  });
}

function damaged({ name }: File): KelvinError {
  return new KelvinError("input", `${name} is not a whole zip file.`, HINT);
}

/** A chosen file may have been changed or deleted since. */
async function bytesOf(part: Blob, name: string): Promise<DataView> {
  const bytes = await part.arrayBuffer().catch(() => {
    throw new KelvinError("input", `${name} cannot be read any more.`, "Choose it again.");
  });
  return new DataView(bytes);
}
