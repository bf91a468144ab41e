import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { KelvinError } from "../contracts";
import { modelFolder, modelName, urlSource } from "../download/from-url";
import { type ModelFiles, OPTIONAL_FILES, readModel } from "../model/model-files";
import type { ModelSource } from "../model/source";
import { byteProgress } from "./byte-progress";
import { diskFile } from "./disk";
import { FolderShelf } from "./folder-shelf";

const LAYOUT = "a model folder holds config.json, tokenizer.json and model.safetensors";

/** Files of a model beside its weights: with them a folder of other weights is a model folder. */
export const COMPANIONS: readonly string[] = ["config.json", "tokenizer.json", ...OPTIONAL_FILES];

/** The repository, found from wherever the bundle lies in it. */
export function projectFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** What is kept between commands and can be made again: models from elsewhere, choices of kernels. */
export function cacheFolder(): string {
  return process.env["KELVIN_CACHE"] ?? join(projectFolder(), ".cache");
}

/** The model every command takes unless another is named. */
export const DEFAULT_MODEL = "kelvin-nano";

/** A model that a command was given. */
export interface ModelPlace {
  /** Where its files lie; they may have to be fetched first. */
  readonly folder: string;
  /** Where they come from; null where the folder is all there is. */
  readonly address: URL | null;
}

/**
 * A folder path, the name of a folder in `public/models`, or the web address of a folder or of a repository on the Hugging
 * Face Hub. Nothing is fetched yet.
 * @throws KelvinError "input" when it is none of these
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
 * Opens a folder in the Hugging Face layout; its weights stay on disk until they are read.
 * @throws KelvinError "model" naming the file that is missing or is not what its name says
 */
export function readModelFolder(folder: string): Promise<ModelFiles> {
  return readModel(folderSource(folder));
}

/**
 * Opens a model that a command was given. One with an address is fetched to
 * its folder first, as far as it is not there yet.
 * @throws KelvinError "model" naming the file that is missing or is not what its name says, "storage" where it cannot be kept
 */
export async function openModel({ folder, address }: ModelPlace): Promise<ModelFiles> {
  if (!address) return readModelFolder(folder);
  const shelf = new FolderShelf(folder);
  const waits = (): void => console.error(`another command is fetching ${modelName(address)}: waiting for it`);
  return shelf.alone(() => readModel(urlSource(address, shelf, byteProgress(process.stderr))), waits);
}

/** The files of a folder. */
export function folderSource(folder: string): ModelSource {
  return { name: basename(folder), open: async (file) => diskFile(join(folder, file)) };
}
