/** State of a downloaded file, stored beside it. */
import * as v from "valibot";
import { BLOCK_BYTES } from "./blocks";
import type { Shelf } from "./shelf";

const RecordSchema = v.object({
  /** Size of the whole file in bytes; null if the server did not say. */
  size: v.nullable(v.number()),
  /** The server's ETag of this version; null if missing. */
  etag: v.nullable(v.string()),
  /** SHA-256 of every stored block. */
  digests: v.array(v.string()),
  /** Whether the file is complete. */
  whole: v.boolean(),
  /** The server had no such file. Used only while the server cannot be reached. */
  absent: v.boolean(),
});
export type FileRecord = v.InferOutput<typeof RecordSchema>;

const nameOf = (file: string): string => `${file}.record`;

/** null if missing or unreadable: then the file is downloaded again. */
export async function readRecord(shelf: Shelf, file: string): Promise<FileRecord | null> {
  const text = await (await shelf.read(nameOf(file)))?.text();
  const record = v.safeParse(v.pipe(v.string(), v.parseJson(), RecordSchema), text);
  return record.success ? record.output : null;
}

/** Writes the record of a file. */
export async function writeRecord(shelf: Shelf, file: string, record: FileRecord): Promise<void> {
  const appender = await shelf.append(nameOf(file), 0);
  appender.write(new TextEncoder().encode(JSON.stringify(record)));
  appender.close();
}

/** Removes a file and its record. */
export async function forget(shelf: Shelf, file: string): Promise<void> {
  await shelf.remove(nameOf(file));
  await shelf.remove(file);
}

/** Record of a file that the server does not have. */
export const ABSENT: FileRecord = { size: null, etag: null, digests: [], whole: false, absent: true };

/** Bytes in complete blocks, which need not be downloaded again. */
export function keptBytes(record: FileRecord): number {
  return record.digests.length * BLOCK_BYTES;
}
