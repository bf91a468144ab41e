import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { KelvinError } from "../contracts";
import type { ModelFiles } from "../model/engine";

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
 * Reads a model in the Hugging Face layout; weights in several files (`model.safetensors.index.json`) are joined.
 * @throws KelvinError "model" naming the file that is missing or is not what its name says.
 */
export function readModelFolder(folder: string): ModelFiles {
  const index = join(folder, "model.safetensors.index.json");
  return {
    name: basename(folder),
    config: readJson(join(folder, "config.json")),
    tokenizer: readJson(join(folder, "tokenizer.json")),
    weights: existsSync(index) ? joinShards(folder, readJson(index)) : readBytes(join(folder, "model.safetensors")),
  };
}

function readBytes(path: string): Uint8Array {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile())
    throw new KelvinError("model", `there is no ${path}`, LAYOUT);
  return readFileSync(path);
}

function readJson(path: string): unknown {
  const text = new TextDecoder().decode(readBytes(path));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new KelvinError("model", `${path} is not JSON`, error instanceof Error ? error.message : String(error));
  }
}

interface Shard {
  readonly header: Record<string, { data_offsets: [number, number] }>;
  readonly data: Uint8Array;
}

/** Joins the files an index names into one safetensors file: headers merged, offsets moved along. */
function joinShards(folder: string, index: unknown): Uint8Array {
  const map = typeof index === "object" && index !== null && "weight_map" in index ? index.weight_map : null;
  if (typeof map !== "object" || map === null)
    throw new KelvinError("model", "model.safetensors.index.json has no weight_map", LAYOUT);
  const names = [...new Set(Object.values(map).map(String))].sort();
  const stray = names.find((name) => !/^[\w.-]+$/.test(name));
  if (stray !== undefined)
    throw new KelvinError("model", `the weight index names "${stray}"`, "expected files of the same folder");
  const shards = names.map((name) => readShard(join(folder, name)));
  let offset = 0;
  const header: Shard["header"] = {};
  for (const shard of shards) {
    for (const [name, entry] of Object.entries(shard.header)) header[name] = moved(entry, offset);
    offset += shard.data.byteLength;
  }
  return writeSafetensors(
    header,
    shards.map(({ data }) => data),
  );
}

function moved<E extends { data_offsets: [number, number] }>(entry: E, by: number): E {
  const [start, end] = entry.data_offsets;
  return { ...entry, data_offsets: [start + by, end + by] };
}

function readShard(path: string): Shard {
  const bytes = readBytes(path);
  const length =
    bytes.byteLength >= 8 ? Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)) : -1;
  if (length < 2 || 8 + length > bytes.byteLength)
    throw new KelvinError("model", `${path} is not a safetensors file`, LAYOUT);
  const { __metadata__: _, ...header } = parseHeader(path, bytes.subarray(8, 8 + length));
  return { header, data: bytes.subarray(8 + length) };
}

function parseHeader(path: string, bytes: Uint8Array): Shard["header"] {
  try {
    const header = JSON.parse(new TextDecoder().decode(bytes)) as Shard["header"];
    if (Object.entries(header).every(([name, entry]) => name === "__metadata__" || Array.isArray(entry?.data_offsets)))
      return header;
  } catch {
    // The error below names the file, which JSON.parse cannot.
  }
  throw new KelvinError("model", `${path} is not a safetensors file`, "its header cannot be read");
}

function writeSafetensors(header: Shard["header"], parts: readonly Uint8Array[]): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(text.byteLength), true);
  return Buffer.concat([size, text, ...parts]);
}
