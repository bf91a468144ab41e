/** Files in this page's own folder on the device (the origin-private file system); every failure is put in plain words. */
import { KelvinError } from "../contracts";

/** Content to write. */
export type Content =
  | string
  | Uint8Array<ArrayBuffer>
  | Blob
  | readonly Uint8Array<ArrayBuffer>[]
  | AsyncIterable<Uint8Array<ArrayBuffer>>;

const SPACE = "Delete runs under Runs, or free space on the device.";
const DENIED = "Private windows and strict settings forbid it: open the page in an ordinary window to keep runs.";

/** The folder of all runs. @throws KelvinError "storage" if the browser stores nothing for this page */
export async function openRuns(): Promise<FileSystemDirectoryHandle> {
  return storing(async () => {
    if (!navigator.storage?.getDirectory) throw new DOMException("no file system", "SecurityError");
    return (await navigator.storage.getDirectory()).getDirectoryHandle("runs", { create: true });
  });
}

/** A file's content; null if missing. */
export async function readFile(folder: FileSystemDirectoryHandle, name: string): Promise<File | null> {
  return storing(async () => (await handleOf(folder, name))?.getFile() ?? null);
}

/** A file's text; null if missing. If the file is replaced between opening and reading, it is opened again. */
export async function readText(folder: FileSystemDirectoryHandle, name: string): Promise<string | null> {
  const read = async () => (await (await handleOf(folder, name))?.getFile())?.text() ?? null;
  return storing(() => read().catch(read));
}

/** Writes a whole file. The browser replaces the old one only when the new one is complete. */
export async function writeFile(folder: FileSystemDirectoryHandle, name: string, content: Content): Promise<void> {
  await storing(async () => {
    const stream = await (await folder.getFileHandle(name, { create: true })).createWritable();
    try {
      for await (const piece of piecesOf(content)) await stream.write(piece);
    } catch (error) {
      await stream.abort().catch(() => {});
      throw error;
    }
    await stream.close();
  });
}

/** The same for a path; missing folders are created. */
export async function writePath(folder: FileSystemDirectoryHandle, path: string, content: Content): Promise<void> {
  const names = path.split("/");
  let place = folder;
  for (const name of names.slice(0, -1)) {
    const parent = place;
    place = await storing(() => parent.getDirectoryHandle(name, { create: true }));
  }
  await writeFile(place, names.at(-1) ?? path, content);
}

/** The content of a file at a path; null if missing, or if no file can have that path. */
export async function readPath(folder: FileSystemDirectoryHandle, path: string): Promise<File | null> {
  const names = path.split("/");
  let place: FileSystemDirectoryHandle | null = folder;
  for (const name of names.slice(0, -1)) place = place && (await findFolder(place, name));
  return place && readFile(place, names.at(-1) ?? path);
}

/** Removes a file or a whole folder; a missing one is not an error. */
export async function removeEntry(folder: FileSystemDirectoryHandle, name: string): Promise<void> {
  await storing(() => folder.removeEntry(name, { recursive: true }).catch(ignoreMissing));
}

/** A subfolder; null if missing. */
export async function findFolder(
  parent: FileSystemDirectoryHandle,
  name: string,
): Promise<FileSystemDirectoryHandle | null> {
  return storing(() => parent.getDirectoryHandle(name).catch(ignoreImpossible));
}

/**
 * All files below a folder, with `prefix` before their paths. A running run replaces its checkpoint meanwhile: files that have
 * disappeared since the listing are left out.
 */
export async function* filesBelow(folder: FileSystemDirectoryHandle, prefix = ""): AsyncGenerator<[string, File]> {
  try {
    for await (const entry of folder.values()) {
      const path = `${prefix}${entry.name}`;
      const file = entry.kind === "file" ? await entry.getFile().catch(ignoreMissing) : null;
      if (file) yield [path, file];
      if (entry.kind === "directory") yield* filesBelow(entry, `${path}/`);
    }
  } catch (error) {
    ignoreMissing(error);
  }
}

/** Bytes of all files below a folder. */
export async function sizeOf(folder: FileSystemDirectoryHandle): Promise<number> {
  let bytes = 0;
  for await (const [, file] of filesBelow(folder)) bytes += file.size;
  return bytes;
}

/** Runs `work`; the browser's errors become messages for the visitor. */
export async function storing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageFailure(error);
  }
}

/** @returns a KelvinError "storage"; errors that are not the file system's are returned unchanged */
export function storageFailure(error: unknown): unknown {
  if (!(error instanceof DOMException)) return error;
  if (error.name === "QuotaExceededError") {
    return new KelvinError("storage", "There is no room left to keep this run on the device.", SPACE);
  }
  if (error.name === "SecurityError" || error.name === "NotAllowedError") {
    return new KelvinError("storage", "This browser does not let the page keep runs.", DENIED);
  }
  if (error.name === "NoModificationAllowedError") {
    return new KelvinError("storage", "The run is in use in another tab.", "Pause or close it there first.");
  }
  if (error.name === "NotReadableError")
    return new KelvinError("storage", "A file of a kept run changed while it was read.", "Try again.");
  return new KelvinError("storage", `The device could not keep the run: ${error.message}`, SPACE);
}

async function handleOf(folder: FileSystemDirectoryHandle, name: string): Promise<FileSystemFileHandle | null> {
  return folder.getFileHandle(name).catch(ignoreMissing);
}

function piecesOf(
  content: Content,
): Iterable<string | Uint8Array<ArrayBuffer> | Blob> | AsyncIterable<Uint8Array<ArrayBuffer>> {
  const isPieces = Array.isArray(content) || (typeof content === "object" && Symbol.asyncIterator in content);
  return (isPieces ? content : [content]) as ReturnType<typeof piecesOf>;
}

/** A link may ask for a name that no folder has: "..", or that of a file. */
function ignoreImpossible(error: unknown): null {
  const isFile = error instanceof DOMException && error.name === "TypeMismatchError";
  return error instanceof TypeError || isFile ? null : ignoreMissing(error);
}

function ignoreMissing(error: unknown): null {
  if (error instanceof DOMException && error.name === "NotFoundError") return null;
  throw error;
}
