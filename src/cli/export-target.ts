import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { KelvinError } from "../contracts";
import { PEFT_CONFIG, PEFT_WEIGHTS } from "../model/peft";
import { requireFolder, storing, writePieces } from "./disk";
import { COMPANIONS } from "./model-folder";

/** Export formats; "peft" is an adapter by itself. */
export const FORMATS = ["safetensors", "onnx", "peft"] as const;
export type Format = (typeof FORMATS)[number];

/** Destination of an export. */
export interface Target {
  /** File of the weights, of the ONNX graph, or of an adapter's weights. */
  readonly path: string;
  /** Files of the model that are copied beside it to make a model folder; empty for a single file. */
  readonly companions: readonly string[];
}

/**
 * A path that ends in the format's extension is the file. Any other path is a folder, which becomes a model folder or an
 * adapter's. Writes nothing.
 * @param sources folders that model and adapter are read from, the model's first; their files are never replaced
 * @throws KelvinError "input" for an unusable place, and for existing files unless `replace` is set
 */
export function exportTarget(
  out: string,
  format: Format,
  sources: readonly [string, ...string[]],
  replace: boolean,
): Target {
  const [model] = sources;
  const place = resolve(out);
  if (format === "peft") return adapterTarget(out, place, sources, replace);
  const extension = FORMATS.find((name) => out.endsWith(`.${name}`));
  if (extension && extension !== format)
    throw new KelvinError("input", `${out} with --format ${format}`, `end --out in .${format}, or name a folder`);
  const isFolder = extension === undefined;
  requireFolder(isFolder ? place : dirname(place));
  if (!isFolder && statSync(place, { throwIfNoEntry: false })?.isDirectory())
    throw new KelvinError("input", `${out} is a folder`, `name a file that ends in .${format}, or another folder`);
  const path = isFolder ? join(place, `model.${format}`) : place;
  const companions = isFolder ? COMPANIONS.map((name) => join(model, name)).filter((file) => existsSync(file)) : [];
  requireFree([path, ...companions.map((file) => join(place, basename(file)))], sources, replace);
  return { path, companions };
}

function adapterTarget(out: string, place: string, sources: readonly string[], replace: boolean): Target {
  if (/\.(safetensors|onnx|json)$/.test(out))
    throw new KelvinError("input", `${out} with --format peft`, "an adapter is two files: name a folder");
  requireFolder(place);
  const [path, config] = [join(place, PEFT_WEIGHTS), join(place, PEFT_CONFIG)];
  requireFree([path, config], sources, replace);
  return { path, companions: [] };
}

function requireFree(paths: readonly string[], sources: readonly string[], replace: boolean): void {
  const isOwn = (name: string): boolean => name.includes(".safetensors") || [...COMPANIONS, PEFT_CONFIG].includes(name);
  const own = new Set(
    sources.flatMap((folder) =>
      readdirSync(folder)
        .filter(isOwn)
        .map((name) => realpathSync(join(folder, name))),
    ),
  );
  for (const path of paths.filter((one) => existsSync(one))) {
    if (own.has(realpathSync(path)))
      throw new KelvinError("input", `${path} belongs to the model itself`, "name another --out");
    if (!replace) throw new KelvinError("input", `${path} exists`, "name another --out, or replace it with --force");
  }
}

/**
 * Writes every file under a temporary name, and renames them when all are complete.
 * @param beside further files of the same folder, by name
 * @returns bytes of the weights
 * @throws KelvinError "storage" if something cannot be written; then nothing is left behind
 */
export function writeTarget(
  { path, companions }: Target,
  parts: readonly Uint8Array[],
  beside: ReadonlyMap<string, Uint8Array> = new Map(),
): number {
  const folder = dirname(path);
  const made = storing(folder, () => mkdirSync(folder, { recursive: true }));
  const files = [
    ...companions.map((file) => [join(folder, basename(file)), [readFileSync(file)]] as const),
    ...[...beside].map(([name, bytes]) => [join(folder, name), [bytes]] as const),
    [path, parts] as const,
  ];
  try {
    storing(path, () => {
      for (const [place, pieces] of files) writePieces(`${place}.part`, pieces);
      for (const [place] of files) renameSync(`${place}.part`, place);
    });
  } catch (error) {
    for (const [place] of files) rmSync(`${place}.part`, { force: true });
    if (made) rmSync(made, { recursive: true, force: true });
    throw error;
  }
  return statSync(path).size;
}
