/** What is known of a downloaded file, kept beside it. */
import * as v from "valibot";
import { BLOCK_BYTES } from "./blocks";
import type { Shelf } from "./shelf";

const RecordSchema = v.object({
  /** Bytes of the whole file, as the server said; null where it did not. */
  size: v.nullable(v.number()),
  /** The server's name of this version; null where it has none. */
  etag: v.nullable(v.string()),
  /** SHA-256 of every block that is there. */
  digests: v.array(v.string()),
  /** All of the file is there. */
  whole: v.boolean(),
  /** The server had no such file; believed only while it cannot be asked again. */
  absent: v.boolean(),
});
export type FileRecord = v.InferOutput<typeof RecordSchema>;

const nameOf = (file: string): string => `${file}.record`;

/** null where nothing is known, or where what is known cannot be read: then the file is fetched anew. */
export async function readRecord(shelf: Shelf, file: string): Promise<FileRecord | null> {
  const text = await (await shelf.read(nameOf(file)))?.text();
  const record = v.safeParse(v.pipe(v.string(), v.parseJson(), RecordSchema), text);
  return record.success ? record.output : null;
}

/** Writes down how much of a file is there. */
export async function writeRecord(shelf: Shelf, file: string, record: FileRecord): Promise<void> {
  const appender = await shelf.append(nameOf(file), 0);
  appender.write(new TextEncoder().encode(JSON.stringify(record)));
  appender.close();
}

/** Removes a file and what is known of it. */
export async function forget(shelf: Shelf, file: string): Promise<void> {
  await shelf.remove(nameOf(file));
  await shelf.remove(file);
}

/** What is written down of a file that the server does not have. */
export const ABSENT: FileRecord = { size: null, etag: null, digests: [], whole: false, absent: true };

/** Bytes that need not be fetched again: whole blocks. */
export function keptBytes(record: FileRecord): number {
  return record.digests.length * BLOCK_BYTES;
}
