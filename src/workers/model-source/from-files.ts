/** Finds a model directory among files that a visitor chose or dropped. */
import { KelvinError } from "../../contracts";
import { BLOCK_BYTES, digest } from "../../download/blocks";
import type { OnBytes } from "../../download/download";
import { blobFile, blobSource, type ModelSource } from "../../model/source";

/**
 * The folder that contains `config.json`. Its files are read in place, nothing is copied.
 * @throws KelvinError "model" if no folder has one, or several do
 */
export function filesSource(files: readonly File[], onBytes: OnBytes = () => {}): ModelSource {
  const { name, own } = modelAmong(files);
  return counted(blobSource(name, new Map(own.map((file) => [file.name, file]))), onBytes);
}

/** @throws KelvinError "model" as filesSource does */
function modelAmong(files: readonly File[]): { name: string; own: readonly File[] } {
  const folders = [...new Set(files.filter(({ name }) => name === "config.json").map(folderOf))];
  const [folder] = folders;
  if (folder === undefined)
    throw new KelvinError("model", `none of ${files.length} files is config.json`, "Choose all files of the model.");
  if (folders.length > 1)
    throw new KelvinError("model", `${folders.length} folders have a config.json`, "Choose the folder of one model.");
  const own = files.filter((file) => folderOf(file) === folder);
  return { name: folder.split("/").findLast((part) => part !== "") ?? "your model", own };
}

/** Files that define a model; other files of its folder may change. */
const PARTS = /^(?:config\.json|tokenizer\.json|.*\.safetensors)$/u;

/** SHA-256 over the model's files, by name; independent of their folder. @throws KelvinError "model" */
export async function digestFiles(files: readonly File[]): Promise<string> {
  const parts = modelAmong(files).own.filter(({ name }) => PARTS.test(name));
  const lines: string[] = [];
  for (const file of parts.sort((a, b) => (a.name < b.name ? -1 : 1)))
    lines.push([file.name, ...(await digestsOf(file))].join(" "));
  return digest(new TextEncoder().encode(lines.join("\n")));
}

/** Digests of one block after another, so that only one block is in memory. */
async function digestsOf(file: File): Promise<string[]> {
  const stored = blobFile(file.name, file);
  const digests: string[] = [];
  for (let at = 0; at < file.size; at += BLOCK_BYTES)
    digests.push(await digest(await stored.read(at, Math.min(BLOCK_BYTES, file.size - at))));
  return digests;
}

/** Reports the bytes of each file as they are read. */
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

/** The file's folder; "" for files that were chosen one by one. */
function folderOf({ webkitRelativePath = "" }: File): string {
  return webkitRelativePath.slice(0, webkitRelativePath.lastIndexOf("/") + 1);
}
