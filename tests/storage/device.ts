/** A browser's private files and locks in memory: as much of both as kept runs use, and a device that can be full. */

export interface Device {
  /** No byte more can be written. */
  full: boolean;
  /** Called at the beginning of every write of a whole file, with its name. */
  onWrite: (name: string) => void;
  /** All files by path. */
  files(): Map<string, Uint8Array>;
  readonly navigator: Pick<Navigator, "storage" | "locks">;
}

type Entry = Folder | Bytes;
type Folder = Map<string, Entry>;
interface Bytes {
  content: Uint8Array<ArrayBuffer>;
  held: boolean;
}

const missing = () => new DOMException("there is none", "NotFoundError");
const noRoom = () => new DOMException("no room", "QuotaExceededError");
const isFolder = (entry: Entry | undefined): entry is Folder => entry instanceof Map;

export function memoryDevice(): Device {
  const root: Folder = new Map();
  const device: Device = {
    full: false,
    onWrite: () => {},
    files: () => new Map(walk(root, "")),
    navigator: {
      storage: { getDirectory: async () => folderHandle(device, root, "") } as unknown as StorageManager,
      locks: lockManager(),
    },
  };
  return device;
}

function* walk(folder: Folder, path: string): Generator<[string, Uint8Array]> {
  for (const [name, entry] of folder)
    if (isFolder(entry)) yield* walk(entry, `${path}${name}/`);
    else yield [`${path}${name}`, entry.content];
}

function folderHandle(device: Device, folder: Folder, name: string): FileSystemDirectoryHandle {
  const handle = {
    kind: "directory",
    name,
    getDirectoryHandle: async (child: string, { create = false } = {}) => {
      if (!folder.has(child) && create) folder.set(child, new Map());
      const entry = folder.get(child);
      if (!isFolder(entry)) throw missing();
      return folderHandle(device, entry, child);
    },
    getFileHandle: async (child: string, { create = false } = {}) => {
      if (!folder.has(child) && create) folder.set(child, { content: new Uint8Array(), held: false });
      const entry = folder.get(child);
      if (!entry || isFolder(entry)) throw missing();
      return fileHandle(device, entry, child);
    },
    removeEntry: async (child: string) => {
      if (!folder.delete(child)) throw missing();
    },
    async *values() {
      for (const [child, entry] of folder)
        yield isFolder(entry) ? folderHandle(device, entry, child) : fileHandle(device, entry, child);
    },
  };
  return handle as unknown as FileSystemDirectoryHandle;
}

function fileHandle(device: Device, file: Bytes, name: string): FileSystemFileHandle {
  const handle = {
    kind: "file",
    name,
    getFile: async () => new File([file.content], name),
    createWritable: async () => {
      let written = new Uint8Array();
      return {
        write: async (content: BlobPart) => {
          device.onWrite(name);
          if (device.full) throw noRoom();
          written = new Uint8Array(await new Blob([written, content]).arrayBuffer());
        },
        close: async () => {
          file.content = written;
        },
        abort: async () => {},
      };
    },
    createSyncAccessHandle: async () => syncHandle(device, file),
  };
  return handle as unknown as FileSystemFileHandle;
}

function syncHandle(device: Device, file: Bytes) {
  if (file.held) throw new DOMException("in use", "NoModificationAllowedError");
  file.held = true;
  return {
    truncate: (size: number) => {
      file.content = file.content.slice(0, size);
    },
    write: (bytes: Uint8Array, { at }: { at: number }) => {
      if (device.full) throw noRoom();
      const grown = new Uint8Array(Math.max(file.content.byteLength, at + bytes.byteLength));
      grown.set(file.content);
      grown.set(bytes, at);
      file.content = grown;
      return bytes.byteLength;
    },
    flush: () => {},
    close: () => {
      file.held = false;
    },
  };
}

type Work = (lock: Lock | null) => Promise<unknown>;

/** Exclusive locks, granted in the order in which they were asked for, or not at all where they must be had at once. */
function lockManager(): LockManager {
  const held = new Set<string>();
  const waiting = new Map<string, Promise<unknown>>();
  const manager = {
    request: (name: string, ...rest: [LockOptions, Work] | [Work]) => {
      const [work, options] = rest.length === 2 ? [rest[1], rest[0]] : [rest[0], {}];
      if (options.ifAvailable && held.has(name)) return work(null);
      const turn = (waiting.get(name) ?? Promise.resolve()).then(async () => {
        held.add(name);
        try {
          return await work({ name, mode: "exclusive" });
        } finally {
          held.delete(name);
        }
      });
      waiting.set(
        name,
        turn.catch(() => {}),
      );
      return turn;
    },
    query: async () => ({ held: [...held].map((name) => ({ name })) }),
  };
  return manager as unknown as LockManager;
}
