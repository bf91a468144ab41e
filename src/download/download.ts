/** Downloads that can be interrupted: complete blocks are stored and checked, and the next try continues after them. */
import { demandSmall, KelvinError } from "../contracts";
import type { ModelFile } from "../model/source";
import { BlockDigests, CheckedFile } from "./blocks";
import { ABSENT, type FileRecord, forget, keptBytes, readRecord, writeRecord } from "./record";
import { megabytes, noRoom, type Shelf } from "./shelf";

/** Called with the bytes stored so far of one file, its size (the bytes so far, if unknown) and its name. */
export type OnBytes = (loaded: number, total: number, file: string) => void;

/**
 * A file of the shelf, downloaded from `url` if it is incomplete; null if the server has no such file.
 * @param most bytes that the file may have: a larger one is given up and deleted
 * @throws KelvinError "model" for a download that failed or stopped, "storage" if the device has no room
 */
export async function download(
  url: URL,
  shelf: Shelf,
  onBytes: OnBytes,
  most = Number.POSITIVE_INFINITY,
): Promise<ModelFile | null> {
  const name = url.pathname.slice(url.pathname.lastIndexOf("/") + 1);
  let record = await readRecord(shelf, name);
  if (!record?.whole) {
    record = await fetchInto(url, { shelf, name, onBytes, most }, record);
    if (!record) return null;
  }
  const blob = await shelf.read(name);
  if (!blob || (record.size !== null && blob.size !== record.size)) {
    await forget(shelf, name);
    throw new KelvinError("model", `${name}, kept on this device, is gone`, "Load the model again to fetch it anew.");
  }
  onBytes(blob.size, blob.size, name);
  return new CheckedFile(name, blob, record.digests, () => forget(shelf, name));
}

interface Target {
  readonly shelf: Shelf;
  readonly name: string;
  readonly onBytes: OnBytes;
  readonly most: number;
}

/** Downloads what is missing; null if the server has no such file. */
async function fetchInto(url: URL, target: Target, known: FileRecord | null): Promise<FileRecord | null> {
  const kept = known ? keptBytes(known) : 0;
  let response = await request(url, kept).catch((error: unknown) => {
    if (!known?.absent) throw error;
    return ABSENCE;
  });
  if (known && kept > 0 && !continues(response, kept, known)) {
    // The server has another version now, or cannot send ranges: start again.
    known = null;
    if (response.status !== 200) response = await request(url, 0);
  }
  if (response.status === 404 || isPage(response)) {
    await writeRecord(target.shelf, target.name, ABSENT);
    return null;
  }
  if (!response.ok || !response.body)
    throw new KelvinError("model", `${url.href} answered ${response.status}`, "Check the address of the model.");
  return receive(response.body, target, known && kept > 0 ? known : newRecord(response));
}

/** Stands for the answer 404, recorded earlier, while the server cannot be reached. */
const ABSENCE = new Response(null, { status: 404 });

/** The record of a new download. */
function newRecord(response: Response): FileRecord {
  return { size: sizeOf(response), etag: response.headers.get("etag"), digests: [], whole: false, absent: false };
}

async function request(url: URL, from: number): Promise<Response> {
  try {
    return await fetch(url, from > 0 ? { headers: { Range: `bytes=${from}-` } } : {});
  } catch {
    throw new KelvinError("model", `${url.href} could not be reached`, "Check the address and the connection.");
  }
}

/** Whether this answer continues the stored part. */
function continues(response: Response, kept: number, { size, etag }: FileRecord): boolean {
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get("content-range") ?? "") ?? [];
  const sameVersion = response.headers.get("etag") === etag;
  return response.status === 206 && Number(first) === kept && (size === null || Number(total) === size) && sameVersion;
}

/** The length of a compressed body is not the file's size. */
function sizeOf(response: Response): number | null {
  const length = response.headers.get("content-length");
  return length === null || response.headers.has("content-encoding") ? null : Number(length);
}

/** Some servers answer an unknown path with an HTML page. */
function isPage(response: Response): boolean {
  return response.headers.get("content-type")?.startsWith("text/html") ?? false;
}

/** Writes the body into the file and its record. If the connection breaks, complete blocks stay for the next try. */
async function receive(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  { shelf, name, onBytes, most }: Target,
  record: FileRecord,
): Promise<FileRecord> {
  const kept = keptBytes(record);
  await demandRoom(shelf, record.size, kept);
  const blocks = new BlockDigests([...record.digests]);
  const file = await shelf.append(name, kept);
  let loaded = kept;
  try {
    for await (const bytes of chunksOf(body)) {
      demandSmall(name, Math.max(record.size ?? 0, loaded + bytes.byteLength), most);
      file.write(bytes);
      loaded += bytes.byteLength;
      if (await blocks.add(bytes)) await writeRecord(shelf, name, { ...record, digests: blocks.digests });
      onBytes(loaded, Math.max(record.size ?? 0, loaded), name);
    }
    // More bytes than announced are not an error: some servers hide that the body is compressed.
    if (record.size !== null && loaded < record.size) throw new Interrupted();
  } catch (error) {
    file.close();
    if (!(error instanceof Interrupted)) await forget(shelf, name);
    throw error instanceof Interrupted ? stopped(name, loaded, record.size) : error;
  }
  file.close();
  await blocks.end();
  const whole = { ...record, size: loaded, digests: blocks.digests, whole: true };
  await writeRecord(shelf, name, whole);
  return whole;
}

async function demandRoom(shelf: Shelf, size: number | null, kept: number): Promise<void> {
  const room = await shelf.room();
  if (size !== null && room !== null && size - kept > room) throw noRoom(size);
}

/** The connection broke, or the server ended the body early. */
class Interrupted extends Error {}

function stopped(name: string, loaded: number, size: number | null): KelvinError {
  const of = size === null ? "" : ` of ${megabytes(size)}`;
  return new KelvinError(
    "model",
    `the download of ${name} stopped at ${megabytes(loaded)}${of} MB`,
    "What came is kept: load the model again to go on from there.",
  );
}

async function* chunksOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  const next = () =>
    reader.read().catch(() => {
      throw new Interrupted();
    });
  try {
    for (let part = await next(); !part.done; part = await next()) yield part.value;
  } finally {
    await reader.cancel().catch(() => {});
  }
}
