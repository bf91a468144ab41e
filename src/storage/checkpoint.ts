/**
 * What a checkpoint is, in Node's folder and in the browser's: the files of a model, the engine's state, `run.json`, and
 * `digests.json`. The last is written when everything else has been read back and found to be what was meant. So a folder that
 * has it is complete, and a bit that changes later is noticed.
 */
import * as v from "valibot";
import { KelvinError } from "../contracts";
import { faultIn, jsonIn, name, shape } from "../telemetry/schema";
import { digestOf, type Pieces } from "./digest";
import { readSavedRun, type SavedRun } from "./saved-run";

export const RECORD = "run.json";
export const DIGESTS = "digests.json";

/** The files of a checkpoint by path, `run.json` among them. */
export type CheckpointFiles = ReadonlyMap<string, Pieces>;

/** The folder of one checkpoint: as much of a file system as the protocol needs. */
export interface CheckpointFolder {
  /** Writes a whole file; missing folders are made. Resolves when the device has it. @throws KelvinError "storage" */
  write(path: string, content: Pieces): Promise<void>;
  /** null if missing */
  read(path: string): Promise<Blob | null>;
}

const digestsSchema = shape<{ readonly schema: 1; readonly files: Record<string, string> }>({
  schema: v.literal(1),
  files: v.record(v.string(), name, "digests by path"),
});

/**
 * Fills an empty folder. The caller makes it the checkpoint afterwards, in one step.
 * @throws KelvinError "storage" if the device does not give back what was written
 */
export async function fillCheckpoint(folder: CheckpointFolder, files: CheckpointFiles): Promise<void> {
  await writeAll(folder, files);
  const digests: [string, string][] = [];
  for (const [path, content] of files) digests.push([path, await digestOf(content)]);
  for (const [path, digest] of digests)
    if ((await storedDigest(folder, path)) !== digest)
      throw new KelvinError(
        "storage",
        `the device did not give ${path} of a new checkpoint back as it was written`,
        "The checkpoint before it stays. Look at the device, or store the run on another one.",
      );
  await writeDigests(folder, digests);
}

/** All at once: a device that takes long to say that it has a file then takes it once, and not for every file. */
async function writeAll(folder: CheckpointFolder, files: CheckpointFiles): Promise<void> {
  const written = await Promise.allSettled([...files].map(([path, content]) => folder.write(path, content)));
  for (const one of written) if (one.status === "rejected") throw one.reason;
}

/** What is wrong with a checkpoint; null if nothing is. Checkpoints of before have no digests: those are "unchecked". */
export async function faultOfCheckpoint(
  folder: CheckpointFolder,
): Promise<{ readonly damaged: string } | "unchecked" | null> {
  const digests = await writtenDigests(folder);
  if (digests === null) return "unchecked";
  if (digests === "damaged") return { damaged: DIGESTS };
  for (const [path, digest] of digests) if ((await storedDigest(folder, path)) !== digest) return { damaged: path };
  return null;
}

/**
 * Replaces one file of a copied checkpoint, of which files may be left out.
 * @returns a file that is damaged, and then nothing was replaced; null if all is well
 */
export async function replaceInCheckpoint(
  folder: CheckpointFolder,
  path: string,
  content: Pieces,
): Promise<string | null> {
  const digests = await writtenDigests(folder);
  if (digests === "damaged") return DIGESTS;
  const present: [string, string][] = [];
  for (const [name, digest] of digests ?? []) {
    const stored = await storedDigest(folder, name);
    if (stored !== null && stored !== digest) return name;
    if (stored !== null && name !== path) present.push([name, digest]);
  }
  await folder.write(path, content);
  if (digests) await writeDigests(folder, [...present, [path, await digestOf(content)]]);
  return null;
}

/** null if the checkpoint is of before there were digests. */
async function writtenDigests(folder: CheckpointFolder): Promise<(readonly [string, string])[] | "damaged" | null> {
  const written = await folder.read(DIGESTS);
  if (!written) return null;
  const record = jsonIn(await written.text());
  return faultIn(digestsSchema, record) ? "damaged" : Object.entries(v.parse(digestsSchema, record).files);
}

function writeDigests(folder: CheckpointFolder, digests: readonly (readonly [string, string])[]): Promise<void> {
  return folder.write(DIGESTS, textPieces(JSON.stringify({ schema: 1, files: Object.fromEntries(digests) })));
}

async function storedDigest(folder: CheckpointFolder, path: string): Promise<string | null> {
  const stored = await folder.read(path);
  return stored && (await digestOf(stored));
}

/** A checkpoint that can be used. `F` is its folder. */
export interface GoodCheckpoint<F extends CheckpointFolder> {
  readonly folder: F;
  readonly saved: SavedRun;
  /** What the reader should know: that a newer one is damaged, or that this one could not be checked. */
  readonly notices: readonly string[];
}

/**
 * The newest checkpoint that is whole.
 * @param folders newest first
 * @param place where they are, for people
 * @throws KelvinError "input" if all are missing or damaged
 */
export async function openCheckpoint<F extends CheckpointFolder>(
  folders: readonly F[],
  place: string,
  hint: string,
): Promise<GoodCheckpoint<F>> {
  const notices: string[] = [];
  let first: KelvinError | null = null;
  for (const folder of folders) {
    const read = await readOne(folder, place, hint);
    if (!(read instanceof KelvinError)) return { ...read, folder, notices: [...notices, ...read.notices] };
    first ??= read;
    notices.push(`${read.message}; the checkpoint before it is used`);
  }
  throw first ?? new KelvinError("input", `there is no checkpoint in ${place}`, hint);
}

const ANEW = "Take the run from where it was copied, or begin a new one.";

async function readOne(folder: CheckpointFolder, place: string, hint: string) {
  const fault = await faultOfCheckpoint(folder);
  const damaged = (what: string) =>
    new KelvinError("input", `the checkpoint in ${place} is damaged: ${what} is not what was written`, ANEW);
  if (fault !== null && fault !== "unchecked") return damaged(fault.damaged);
  const text = await (await folder.read(RECORD))?.text();
  if (text === undefined) return damaged(RECORD);
  try {
    const saved = readSavedRun(text, `${RECORD} of the checkpoint in ${place}`, hint);
    return { saved, notices: fault === "unchecked" ? [unchecked(place)] : [] };
  } catch (error) {
    if (error instanceof KelvinError) return error;
    throw error;
  }
}

function unchecked(place: string): string {
  return `the checkpoint in ${place} is of an earlier version, without digests: it is used unchecked`;
}

/** A text as the content of a file. */
export function textPieces(text: string): Pieces {
  return [new TextEncoder().encode(text)];
}
