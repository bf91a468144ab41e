import { openAsBlob, statSync } from "node:fs";
import { join } from "node:path";
import type { CheckpointFolder } from "../storage/checkpoint";
import type { Pieces } from "../storage/digest";
import { writeDurably } from "./disk";

/** A checkpoint's folder on disk. */
export class DiskFolder implements CheckpointFolder {
  constructor(readonly path: string) {}

  write(path: string, content: Pieces): Promise<void> {
    return writeDurably(join(this.path, path), content);
  }

  async read(path: string): Promise<Blob | null> {
    const file = join(this.path, path);
    return statSync(file, { throwIfNoEntry: false })?.isFile() ? openAsBlob(file) : null;
  }
}
