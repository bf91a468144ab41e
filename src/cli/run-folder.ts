import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { basename, join } from "node:path";
import { KelvinError, type TrainEvent } from "../contracts";
import type { FileParts } from "../model/safetensors";
import type { ModelFile } from "../model/source";
import {
  type CheckpointFiles,
  DIGESTS,
  fillCheckpoint,
  type GoodCheckpoint,
  openCheckpoint,
  RECORD,
  textPieces,
} from "../storage/checkpoint";
import { type SavedRun, writeSavedRun } from "../storage/saved-run";
import { logLine } from "../telemetry/log";
import { readRecording } from "../telemetry/replay";
import type { RunSummary } from "../telemetry/totals";
import { DiskFolder } from "./checkpoint-folder";
import { diskFile, isFull, readTextFile, replaceFile, requireFolder, storing, storingLong, syncToDisk } from "./disk";
import { endLock, ownerOf, takeLock } from "./lock";

const EVENTS = "events.jsonl";
const CHECKPOINT = "checkpoint";
/** The next checkpoint while it is written, and the one before the last. */
const NEXT = `${CHECKPOINT}.new`;
const BEFORE = `${CHECKPOINT}.old`;
/** Folder in a checkpoint with the adapter alone, in PEFT's layout. */
export const ADAPTER = "adapter";
const ENGINE = "engine.bin";
const LOCK = "in-use.lock";
const HINT = "expected the --out folder of an earlier run";

/** Weights as a model folder, and the engine's own state. */
export interface SavedWeights {
  readonly safetensors: FileParts;
  readonly engine: FileParts;
  /** Files of the trained adapter. The weights already contain it. */
  readonly adapter?: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** Files copied beside the weights to make the checkpoint a model folder: config, tokenizer, suites. */
  readonly companions: readonly string[];
}

/** One run's folder: `events.jsonl`, `summary.json` and `checkpoint/`, which is a model folder by itself. One process writes it. */
export class RunFolder {
  /** Lines of the log. */
  lines = 0;

  private constructor(readonly path: string) {}

  /** @throws KelvinError "input" if the folder holds a run already, or cannot be written to */
  static requireEmpty(path: string): void {
    requireFolder(path);
    refuseRun(path);
  }

  /**
   * Creates the folder and starts its log, with the lines of an earlier run if that is continued here.
   * @throws KelvinError "input" if nothing can be written, or if another process writes this run; "storage" if there is no room.
   * An earlier log then stays
   */
  static begin(path: string, earlier: readonly string[] = []): RunFolder {
    const folder = new RunFolder(path);
    requireFolder(path);
    folder.storing(() => mkdirSync(path, { recursive: true }));
    folder.lock();
    try {
      // Another process may have begun and ended a run here meanwhile.
      if (earlier.length === 0) refuseRun(path);
      folder.storing(() => replaceFile(join(path, EVENTS), earlier.map((line) => `${line}\n`).join("")));
    } catch (error) {
      folder.close();
      throw error;
    }
    folder.lines = earlier.length;
    return folder;
  }

  /** @throws KelvinError "storage"; the log then ends with its last complete line */
  append(event: TrainEvent): void {
    const line = logLine(event);
    if (line === null) return;
    const path = this.at(EVENTS);
    const whole = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    this.storing(() => {
      try {
        appendFileSync(path, line);
      } catch (error) {
        cutBack(path, whole);
        throw error;
      }
    });
    this.lines += 1;
  }

  /**
   * Writes a checkpoint beside the last one, checks it, and then replaces the last one, which is kept until the next time: after a
   * crash, of the process or of the machine, one is complete.
   * @throws KelvinError "storage"; the last checkpoint then stays, and the unfinished one is removed
   */
  async saveCheckpoint(saved: SavedRun, weights: SavedWeights): Promise<void> {
    const [place, next, before] = [this.at(CHECKPOINT), this.at(NEXT), this.at(BEFORE)];
    await this.storingLong(async () => {
      // A crash between the renames below left the newest checkpoint under another name.
      const left = [next, before].find(isWhole);
      if (left && !existsSync(place)) renameSync(left, place);
      syncToDisk(this.at(EVENTS));
      await this.fill(next, saved, weights);
      rmSync(before, { recursive: true, force: true });
      if (existsSync(place)) renameSync(place, before);
      renameSync(next, place);
      syncToDisk(this.path);
    });
  }

  /** Without room for three checkpoints, the oldest gives way. */
  private async fill(next: string, saved: SavedRun, weights: SavedWeights): Promise<void> {
    const write = async () => {
      rmSync(next, { recursive: true, force: true });
      await fillCheckpoint(new DiskFolder(next), filesOf(saved, weights));
      syncToDisk(next);
    };
    try {
      await write().catch(async (error: unknown) => {
        if (!isFull(error) || !existsSync(this.at(BEFORE))) throw error;
        rmSync(this.at(BEFORE), { recursive: true });
        await write();
      });
    } catch (error) {
      rmSync(next, { recursive: true, force: true });
      throw error;
    }
  }

  /** @throws KelvinError "storage" */
  saveSummary(summary: RunSummary): void {
    this.storing(() => replaceFile(this.at("summary.json"), `${JSON.stringify(summary, null, 2)}\n`));
  }

  /** The run is over and its last checkpoint is whole: the one before it is not needed any more. */
  thin(): void {
    this.storing(() => rmSync(this.at(BEFORE), { recursive: true, force: true }));
  }

  /** Others may write this run from now on. */
  close(): void {
    endLock(this.at(LOCK));
  }

  /** @throws KelvinError "input" if another process writes this run */
  private lock(): void {
    const path = this.at(LOCK);
    if (this.storing(() => takeLock(path))) return;
    const owner = ownerOf(path);
    throw new KelvinError(
      "input",
      `process ${owner} writes the run in ${this.path}`,
      `wait for it, or end it with: kill ${owner}. If that is another program, remove ${path}`,
    );
  }

  private at(name: string): string {
    return join(this.path, name);
  }

  private storing<T>(work: () => T): T {
    return storing(this.path, work, this.wayOn());
  }

  private storingLong<T>(work: () => Promise<T>): Promise<T> {
    return storingLong(this.path, work, this.wayOn());
  }

  private wayOn(): string {
    return existsSync(this.at(CHECKPOINT))
      ? `free some room, and go on from the last checkpoint with --resume ${this.path}`
      : "free some room, or name another --out";
  }
}

/** Removes a partial last line, which would corrupt the next one. If that fails, readers skip it. */
function cutBack(path: string, bytes: number): void {
  try {
    truncateSync(path, bytes);
  } catch {
    // The caller reports the first failure.
  }
}

function filesOf(saved: SavedRun, { safetensors, engine, adapter, companions }: SavedWeights): CheckpointFiles {
  return new Map([
    ["model.safetensors", safetensors],
    [ENGINE, engine],
    ...[...(adapter ?? [])].map(([name, bytes]) => [`${ADAPTER}/${name}`, [bytes]] as const),
    ...companions.map((path) => [basename(path), [bytesOf(path)]] as const),
    [RECORD, textPieces(writeSavedRun(saved))],
  ]);
}

function bytesOf(path: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(path));
}

/** A folder whose run was killed before its first checkpoint and before its first step holds nothing that could be lost. */
function refuseRun(path: string): void {
  const log = join(path, EVENTS);
  if (!existsSync(log)) return;
  const isBegun = hasCheckpoint(path) || /"type":"step\.(?:end|skip)"/.test(readTextFile(log));
  if (isBegun)
    throw new KelvinError("input", `${path} already holds a run`, "continue it with --resume, or name another --out");
}

function isWhole(checkpoint: string): boolean {
  return existsSync(join(checkpoint, DIGESTS));
}

/** The folders of a run's checkpoints, newest first. The next one counts only when it is complete and its name is free. */
function places(path: string): string[] {
  const place = join(path, CHECKPOINT);
  const newest = existsSync(join(place, RECORD)) ? [place] : [join(path, NEXT)].filter(isWhole);
  return [...newest, ...[join(path, BEFORE)].filter((before) => existsSync(join(before, RECORD)))];
}

/** Whether a run's folder has something to go on from. */
export function hasCheckpoint(path: string): boolean {
  return places(path).length > 0;
}

/** Opens the newest whole checkpoint of a run's folder. @throws KelvinError "input" if all are missing or damaged */
export async function readCheckpoint(path: string): Promise<GoodCheckpoint<DiskFolder>> {
  const folders = places(path).map((place) => new DiskFolder(place));
  return openCheckpoint(folders, path, HINT);
}

/** Opens the engine's own state in a checkpoint; it may be too large to read at once. @throws KelvinError "input" */
export function openEngineState({ path }: DiskFolder): ModelFile {
  const file = join(path, ENGINE);
  const state = diskFile(file);
  if (!state) throw new KelvinError("input", `there is no ${file}`, HINT);
  return state;
}

/**
 * Whether its log says that the run went to its end, and its checkpoint is of that end. One that was killed while it was measured
 * has taken all steps, and has not.
 * @param events lines of the log at its checkpoint
 */
export function isComplete(path: string, events: number): boolean {
  const file = join(path, EVENTS);
  const lines = existsSync(file) ? readTextFile(file).trimEnd().split("\n") : [];
  return lines.length === events + 1 && /"type":"run\.end","reason":"done"/.test(lines.at(-1) ?? "");
}

/**
 * All logged events of a run.
 * @throws KelvinError "input" if the folder has no log, or one that cannot be replayed
 */
export function readEvents(path: string): TrainEvent[] {
  const file = join(path, EVENTS);
  if (!existsSync(file)) throw new KelvinError("input", `${file} does not exist`, "name the --out folder of a run");
  return readRecording(readTextFile(file));
}

/** The first `count` lines of a run's log: those before its checkpoint. */
export function readLogLines(path: string, count: number): string[] {
  const file = join(path, EVENTS);
  const lines = existsSync(file) ? readTextFile(file).split("\n").slice(0, count) : [];
  if (lines.length < count || lines.at(-1) === "")
    throw new KelvinError(
      "input",
      `${file} has fewer than ${count} whole lines`,
      "copy the run's folder again, as a whole",
    );
  return lines;
}
