import type { CheckpointFolder } from "./checkpoint";
import type { Pieces } from "./digest";
import { readPath, writePath } from "./files";

/** A checkpoint's folder in the browser's own file system, which closes a file only when the device has it. */
export class PrivateFolder implements CheckpointFolder {
  constructor(readonly handle: FileSystemDirectoryHandle) {}

  write(path: string, content: Pieces): Promise<void> {
    return writePath(this.handle, path, content);
  }

  read(path: string): Promise<Blob | null> {
    return readPath(this.handle, path);
  }
}
