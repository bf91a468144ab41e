/** Files of any size on disk; errors of the system become one line. */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { KelvinError } from "../contracts";
import type { ModelFile } from "../model/source";

/** Node reads and writes less than 2 GiB per call. */
const MOST_BYTES = 2 ** 30;
const ANOTHER = "name another --out";
/** Error codes of a full disk or quota. */
const FULL: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);
/** Error codes of what cannot be synced. */
const UNSYNCED: ReadonlySet<string> = new Set(["EINVAL", "EISDIR", "EPERM", "EACCES", "ENOTSUP"]);

/** The system's error code, such as "ENOENT"; "" if the error is not the system's. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** Whether the system refused, as opposed to a mistake in our code. */
export function isOfSystem(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}

/** Whether the disk, a quota or the size limit of a file is exhausted. */
export function isFull(error: unknown): boolean {
  return FULL.has(codeOf(error));
}

/**
 * Runs `work`, which writes to `path`.
 * @param hint what to do if there is no room
 * @throws KelvinError "storage" for errors of the system; other errors unchanged
 */
export function storing<T>(path: string, work: () => T, hint = "free some room, or name another place"): T {
  try {
    return work();
  } catch (error) {
    if (isFull(error)) throw new KelvinError("storage", `there is no room left to write ${path}`, hint);
    if (isOfSystem(error)) throw new KelvinError("storage", `${path} cannot be written`, error.message);
    throw error;
  }
}

/** The same for work that takes a while. */
export async function storingLong<T>(path: string, work: () => Promise<T>, hint?: string): Promise<T> {
  const done = await work().then(
    (value) => () => value,
    (error: unknown) => () => {
      throw error;
    },
  );
  return storing(path, done, hint);
}

/** A text file without the byte order mark that some editors begin it with. @throws what the system says */
export function readTextFile(path: string): string {
  return new TextDecoder().decode(readFileSync(path));
}

/** Writes a file piece by piece. @param most bytes per write */
export function writePieces(path: string, pieces: readonly Uint8Array[], most = MOST_BYTES): void {
  const file = openSync(path, "w");
  try {
    for (const piece of pieces)
      for (let at = 0; at < piece.byteLength; ) at += writeSync(file, piece, at, Math.min(most, piece.byteLength - at));
  } finally {
    closeSync(file);
  }
}

/** Writes a whole file piece by piece, makes its folder, and resolves when the disk has it. @param most bytes per write */
export async function writeDurably(path: string, pieces: readonly Uint8Array[], most = MOST_BYTES): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, "w");
  try {
    for (const piece of pieces)
      for (let at = 0; at < piece.byteLength; )
        at += (await file.write(piece, at, Math.min(most, piece.byteLength - at))).bytesWritten;
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Waits until the disk has what was written to a file, or the names in a folder. */
export function syncToDisk(path: string): void {
  try {
    const file = openSync(path, "r");
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    // Windows does not open folders, and devices such as /dev/full have nothing to wait for.
    if (!UNSYNCED.has(codeOf(error))) throw error;
  }
}

/** Writes a small file under a temporary name and renames it: if that fails, the old file stays. */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const part = `${path}.part`;
  try {
    writeFileSync(part, content);
    syncToDisk(part);
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

/** A file that is read in parts; null if missing. @param most bytes per read */
export function diskFile(path: string, most = MOST_BYTES): ModelFile | null {
  const status = statSync(path, { throwIfNoEntry: false });
  return status?.isFile()
    ? { size: status.size, read: (offset, length) => readPart(path, offset, length, most) }
    : null;
}

async function readPart(path: string, offset: number, length: number, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  const handle = await open(path);
  try {
    for (let at = 0; at < length; ) {
      const { bytesRead } = await handle.read(bytes, at, Math.min(most, length - at), offset + at);
      if (bytesRead === 0)
        throw new KelvinError("model", `${path} ended while it was read`, "it was changed meanwhile: begin again");
      at += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}

/** Checks that `folder`, or its nearest existing parent, is a writable folder. @throws KelvinError "input" */
export function requireFolder(folder: string): void {
  let place = folder;
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  if (!statSync(place).isDirectory()) throw new KelvinError("input", `${place} is not a folder`, ANOTHER);
  requireRoom(place);
}

/** Asks by doing: some file systems, such as /proc, say that they may be written and then take nothing. */
function requireRoom(folder: string): void {
  try {
    rmdirSync(mkdtempSync(join(folder, ".kelvin-")));
  } catch (error) {
    if (isFull(error)) return;
    throw new KelvinError("input", `${folder} may not be written`, ANOTHER);
  }
}

function requireWritable(path: string): void {
  try {
    accessSync(path, constants.W_OK);
  } catch {
    throw new KelvinError("input", `${path} may not be written`, ANOTHER);
  }
}

/** Checks that a result can be written to `out` before it is computed. @throws KelvinError "input" if not */
export function requirePlace(out: string): void {
  const place = resolve(out);
  requireFolder(dirname(place));
  const there = statSync(place, { throwIfNoEntry: false });
  if (there?.isDirectory()) throw new KelvinError("input", `${out} is a folder`, "name a file with --out");
  if (there) requireWritable(place);
}

/** Writes a result and creates missing folders. @throws KelvinError "storage" */
export function writeResult(out: string, content: string | Uint8Array): void {
  storing(out, () => {
    mkdirSync(dirname(resolve(out)), { recursive: true });
    writeFileSync(out, content);
  });
}
