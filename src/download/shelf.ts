/** Storage of a downloaded model: the page uses its own file system, commands use a folder. */
import { KelvinError } from "../contracts";

/** A folder of files that are written by appending. */
export interface Shelf {
  /** null if missing. */
  read(name: string): Promise<Blob | null>;
  /** Opens a file for writing after its first `keep` bytes; the rest is dropped. */
  append(name: string, keep: number): Promise<Appender>;
  remove(name: string): Promise<void>;
  /** Free bytes; null if unknown. */
  room(): Promise<number | null>;
}

/** A file open for writing. */
export interface Appender {
  write(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

/** @param bytes missing, if known */
export function noRoom(bytes?: number): KelvinError {
  const size = bytes === undefined ? "" : ` of ${megabytes(bytes)} MB`;
  return new KelvinError(
    "storage",
    `There is no room for the model's file${size} on this device.`,
    "Free space, delete kept runs, or choose a smaller model. The model in use stays.",
  );
}

/** Megabytes with one decimal, for people. */
export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
