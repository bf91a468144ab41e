/** Shelves of downloaded models in folders of Node's file system. */
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openAsBlob,
  openSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { KelvinError } from "../contracts";
import { type Appender, noRoom, type Shelf } from "../download/shelf";
import { isFull } from "./disk";
import { endLock, takeLock } from "./lock";

const LOCK = "in-use.lock";
const POLL_MS = 100;

/** Files of one folder; the first write creates it. */
export class FolderShelf implements Shelf {
  constructor(private readonly folder: string) {}

  async read(name: string): Promise<Blob | null> {
    const path = join(this.folder, name);
    return statSync(path, { throwIfNoEntry: false })?.isFile() ? openAsBlob(path) : null;
  }

  async append(name: string, keep: number): Promise<Appender> {
    const path = join(this.folder, name);
    const file = this.storing(() => {
      mkdirSync(this.folder, { recursive: true });
      return openSync(path, keep > 0 ? "r+" : "w");
    });
    this.storing(() => ftruncateSync(file, keep));
    let at = keep;
    return {
      write: (bytes) =>
        this.storing(() => {
          for (let done = 0; done < bytes.byteLength; ) done += writeSync(file, bytes, done, null, at + done);
          at += bytes.byteLength;
        }),
      close: () => closeSync(file),
    };
  }

  async remove(name: string): Promise<void> {
    this.storing(() => rmSync(join(this.folder, name), { force: true }));
  }

  async room(): Promise<number | null> {
    return this.storing(() => {
      mkdirSync(this.folder, { recursive: true });
      const { bavail, bsize } = statfsSync(this.folder);
      return bavail * bsize;
    });
  }

  /**
   * Runs `work` while no other command downloads the same model; a second command waits and then finds the files.
   * @param onWait called once if it must wait
   */
  async alone<T>(work: () => Promise<T>, onWait: () => void = () => {}): Promise<T> {
    const path = join(this.folder, LOCK);
    for (let tries = 0; !this.storing(() => this.lock(path)); tries++) {
      if (tries === 0) onWait();
      await setTimeout(POLL_MS);
    }
    try {
      return await work();
    } finally {
      endLock(path);
    }
  }

  private lock(path: string): boolean {
    mkdirSync(this.folder, { recursive: true });
    return takeLock(path);
  }

  private storing<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw inWords(this.folder, error);
    }
  }
}

function inWords(folder: string, error: unknown): KelvinError {
  if (isFull(error)) return noRoom();
  const what = error instanceof Error ? error.message : String(error);
  return new KelvinError(
    "storage",
    `models cannot be kept in ${folder}: ${what}`,
    "Name another place in KELVIN_CACHE.",
  );
}
