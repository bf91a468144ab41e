import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { KelvinError, SHIPPED_MODELS } from "../contracts";
import { modelFolder, modelName, urlSource } from "../download/from-url";
import { type ModelFiles, OPTIONAL_FILES, readModel } from "../model/model-files";
import type { ModelSource } from "../model/source";
import { roundingNote } from "../model/stored-weights";
import { byteProgress } from "./byte-progress";
import { diskFile } from "./disk";
import { FolderShelf } from "./folder-shelf";

const LAYOUT = "a model folder holds config.json, tokenizer.json and model.safetensors";

/** Files beside a model's weights. Copied next to other weights they make a model folder. */
export const COMPANIONS: readonly string[] = ["config.json", "tokenizer.json", ...OPTIONAL_FILES];

/** The repository's folder, found from the bundle's place in it. */
export function projectFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** Folder of files that can be made again: downloaded models, choices of kernels. */
export function cacheFolder(): string {
  return process.env["KELVIN_CACHE"] ?? join(projectFolder(), ".cache");
}

/** The model of every command unless another is named. */
export const DEFAULT_MODEL = SHIPPED_MODELS[0];

/** A model named on the command line. */
export interface ModelPlace {
  /** Folder of its files; they may have to be downloaded first. */
  readonly folder: string;
  /** Where to download from; null for a local folder. */
  readonly address: URL | null;
}

/**
 * Finds a model by a folder path, a name in `public/models`, or the web address of a folder or a Hugging Face Hub repository.
 * Downloads nothing.
 * @throws KelvinError "input" if the name is not one of these
 */
export function findModel(name: string): ModelPlace {
  if (!/^https?:/i.test(name)) return { folder: findModelFolder(name), address: null };
  const address = modelFolder(name);
  const digest = createHash("sha256").update(address.href).digest("hex").slice(0, 12);
  const own = `${modelName(address).replace(/[^\w.-]/g, "_")}-${digest}`;
  return { folder: join(cacheFolder(), "models", own), address };
}

function findModelFolder(name: string): string {
  const shipped = join(projectFolder(), "public/models", name);
  const found = [resolve(name), ...(isAbsolute(name) ? [] : [shipped])].find((path) =>
    statSync(path, { throwIfNoEntry: false })?.isDirectory(),
  );
  if (!found) throw new KelvinError("input", `there is no model folder ${name}`, LAYOUT);
  return found;
}

/**
 * Opens a folder in the Hugging Face layout; the weights stay on disk until they are read.
 * @throws KelvinError "model" that names the missing or malformed file
 */
export function readModelFolder(folder: string): Promise<ModelFiles> {
  return readModel(folderSource(folder));
}

/**
 * Opens a model named on the command line. If it has an address, missing files are downloaded first.
 * @throws KelvinError "model" that names the missing or malformed file, "storage" if it cannot be stored
 */
export async function openModel(place: ModelPlace): Promise<ModelFiles> {
  const files = await openFiles(place);
  const note = roundingNote(files.weights);
  if (note) console.error(note);
  return files;
}

async function openFiles({ folder, address }: ModelPlace): Promise<ModelFiles> {
  if (!address) return readModelFolder(folder);
  const shelf = new FolderShelf(folder);
  const waits = (): void => console.error(`another command is fetching ${modelName(address)}: waiting for it`);
  return shelf.alone(() => readModel(urlSource(address, shelf, byteProgress(process.stderr))), waits);
}

/** The files of a folder. */
export function folderSource(folder: string): ModelSource {
  return { name: basename(folder), open: async (file) => diskFile(join(folder, file)) };
}
