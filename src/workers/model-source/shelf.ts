/** Downloaded models on this device: one folder per address in the page's own file system. */
import { KelvinError } from "../../contracts";
import { type Appender, noRoom, type Shelf } from "../../download/shelf";

/** File in every folder with the folder's address. */
const ADDRESS = "address.txt";

/** The shelf of one address, which may be any text. @throws KelvinError "storage" if the browser stores nothing */
export async function openShelf(address: string): Promise<Shelf> {
  return storing(async () => {
    const shelf = new FolderShelf(await (await models()).getDirectoryHandle(await nameOf(address), { create: true }));
    if (!(await shelf.read(ADDRESS))) {
      const file = await shelf.append(ADDRESS, 0);
      file.write(new TextEncoder().encode(address));
      file.close();
    }
    return shelf;
  });
}

/** Every address with stored files, and their bytes. @throws KelvinError "storage" */
export async function listShelves(): Promise<{ readonly address: string; readonly bytes: number }[]> {
  return storing(async () => {
    const found: { address: string; bytes: number }[] = [];
    for await (const folder of (await models()).values()) {
      if (folder.kind !== "directory") continue;
      const address = await (await new FolderShelf(folder).read(ADDRESS))?.text();
      if (address !== undefined) found.push({ address, bytes: await bytesIn(folder) });
    }
    return found;
  });
}

/** Deletes everything stored for an address. @throws KelvinError "storage" */
export async function removeShelf(address: string): Promise<void> {
  await storing(async () => {
    const name = await nameOf(address);
    await (await models()).removeEntry(name, { recursive: true }).catch(ignoreMissing);
  });
}

async function models(): Promise<FileSystemDirectoryHandle> {
  if (!navigator.storage?.getDirectory) throw new DOMException("no file system", "SecurityError");
  return (await navigator.storage.getDirectory()).getDirectoryHandle("models", { create: true });
}

/** A folder name that every file system accepts. */
async function nameOf(address: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(address));
  return Array.from(new Uint8Array(digest, 0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function bytesIn(folder: FileSystemDirectoryHandle): Promise<number> {
  let bytes = 0;
  for await (const entry of folder.values()) if (entry.kind === "file") bytes += (await entry.getFile()).size;
  return bytes;
}

class FolderShelf implements Shelf {
  constructor(private readonly folder: FileSystemDirectoryHandle) {}

  read(name: string): Promise<Blob | null> {
    return storing(async () => (await this.folder.getFileHandle(name).catch(ignoreMissing))?.getFile() ?? null);
  }

  append(name: string, keep: number): Promise<Appender> {
    return storing(async () => {
      const handle = await (await this.folder.getFileHandle(name, { create: true })).createSyncAccessHandle();
      handle.truncate(keep);
      let at = keep;
      return {
        write: (bytes) => {
          at += storingNow(() => handle.write(bytes, { at }));
        },
        close: () => {
          handle.flush();
          handle.close();
        },
      };
    });
  }

  async remove(name: string): Promise<void> {
    await storing(() => this.folder.removeEntry(name).catch(ignoreMissing));
  }

  async room(): Promise<number | null> {
    const { quota, usage } = await navigator.storage.estimate();
    return quota === undefined || usage === undefined ? null : quota - usage;
  }
}

async function storing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw inWords(error);
  }
}

function storingNow<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw inWords(error);
  }
}

/** Puts the browser's errors into words for people; other errors are returned unchanged. */
function inWords(error: unknown): unknown {
  if (!(error instanceof DOMException)) return error;
  if (error.name === "QuotaExceededError") return noRoom();
  if (error.name === "SecurityError" || error.name === "NotAllowedError")
    return new KelvinError(
      "storage",
      "This browser does not let the page keep models.",
      "Open the page in an ordinary window, or choose the model's files from a folder.",
    );
  if (error.name === "NoModificationAllowedError")
    return new KelvinError("storage", "This model is being loaded in another tab.", "Wait for it, or close that tab.");
  return new KelvinError(
    "storage",
    `The device could not keep the model: ${error.message}`,
    "Free space and try again.",
  );
}

function ignoreMissing(error: unknown): null {
  if (error instanceof DOMException && error.name === "NotFoundError") return null;
  throw error;
}
