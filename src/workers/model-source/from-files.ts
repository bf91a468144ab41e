/** A model directory among files that a visitor chose or dropped. */
import { KelvinError } from "../../contracts";
import type { OnBytes } from "../../download/download";
import { blobSource, type ModelSource } from "../../model/source";

/**
 * The folder that has `config.json`, read where it lies: nothing is copied.
 * @throws KelvinError "model" where there is none, or more than one
 */
export function filesSource(files: readonly File[], onBytes: OnBytes = () => {}): ModelSource {
  const folders = [...new Set(files.filter(({ name }) => name === "config.json").map(folderOf))];
  const [folder] = folders;
  if (folder === undefined)
    throw new KelvinError("model", `none of ${files.length} files is config.json`, "Choose all files of the model.");
  if (folders.length > 1)
    throw new KelvinError("model", `${folders.length} folders have a config.json`, "Choose the folder of one model.");
  const own = files.filter((file) => folderOf(file) === folder);
  const name = folder.split("/").findLast((part) => part !== "") ?? "your model";
  return counted(blobSource(name, new Map(own.map((file) => [file.name, file]))), onBytes);
}

/** Counts the bytes of each file as they are read. */
function counted(source: ModelSource, onBytes: OnBytes): ModelSource {
  return {
    name: source.name,
    open: async (name) => {
      const file = await source.open(name);
      let read = 0;
      return (
        file && {
          size: file.size,
          read: async (offset, length) => {
            const bytes = await file.read(offset, length);
            read = Math.min(file.size, read + length);
            onBytes(read, file.size, name);
            return bytes;
          },
        }
      );
    },
  };
}

/** "" for files that were chosen one by one. */
function folderOf({ webkitRelativePath = "" }: File): string {
  return webkitRelativePath.slice(0, webkitRelativePath.lastIndexOf("/") + 1);
}
