/** Where a downloaded model lies: the page keeps shelves in its own file system, commands in a folder. */
import { KelvinError } from "../contracts";

/** A folder of files that grow. */
export interface Shelf {
  /** null where there is no such file. */
  read(name: string): Promise<Blob | null>;
  /** Opens a file to be written on from byte `keep`; what lies behind it is dropped. */
  append(name: string, keep: number): Promise<Appender>;
  remove(name: string): Promise<void>;
  /** Bytes that still fit; null where nobody says. */
  room(): Promise<number | null>;
}

/** A file that is being written. */
export interface Appender {
  write(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

/** @param bytes how many do not fit, where that is known */
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
