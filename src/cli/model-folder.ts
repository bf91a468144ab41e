import { existsSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { KelvinError } from "../contracts";
import { type ModelFiles, readModel } from "../model/model-files";
import type { ModelFile, ModelSource } from "../model/source";

const LAYOUT = "a model folder holds config.json, tokenizer.json and model.safetensors";

/** The repository, found from wherever the bundle lies in it. */
export function projectFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** The model every command takes unless another is named. */
export const DEFAULT_MODEL = "kelvin-nano";

/** A folder path, or the name of a folder in `public/models`. @throws KelvinError "input" when there is neither. */
export function findModelFolder(name: string): string {
  const shipped = join(projectFolder(), "public/models", name);
  const found = [resolve(name), ...(isAbsolute(name) ? [] : [shipped])].find((path) =>
    statSync(path, { throwIfNoEntry: false })?.isDirectory(),
  );
  if (!found) throw new KelvinError("input", `there is no model folder ${name}`, LAYOUT);
  return found;
}

/**
 * Opens a model in the Hugging Face layout; its weights stay on disk until they are read.
 * @throws KelvinError "model" naming the file that is missing or is not what its name says.
 */
export function readModelFolder(folder: string): Promise<ModelFiles> {
  return readModel(folderSource(folder));
}

/** The files of a folder. */
export function folderSource(folder: string): ModelSource {
  return { name: basename(folder), open: async (file) => openPath(join(folder, file)) };
}

function openPath(path: string): ModelFile | null {
  const status = statSync(path, { throwIfNoEntry: false });
  return status?.isFile() ? { size: status.size, read: (offset, length) => readPart(path, offset, length) } : null;
}

async function readPart(path: string, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  const handle = await open(path);
  try {
    const { bytesRead } = await handle.read(bytes, 0, length, offset);
    if (bytesRead < length)
      throw new KelvinError("model", `${path} ended while it was read`, "it was changed meanwhile: begin again");
    return bytes;
  } finally {
    await handle.close();
  }
}
