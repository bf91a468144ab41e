import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { KelvinError, type TrainEvent } from "../contracts";
import type { FileParts } from "../model/safetensors";
import type { ModelFile } from "../model/source";
import { readSavedRun, type SavedRun, writeSavedRun } from "../storage/saved-run";
import { logLine } from "../telemetry/log";
import { readRecording } from "../telemetry/replay";
import type { RunSummary } from "../telemetry/totals";
import { diskFile, readTextFile, replaceFile, requireFolder, storing, writePieces } from "./disk";

const EVENTS = "events.jsonl";
const CHECKPOINT = "checkpoint";
/** Names of the next checkpoint while it is written, and of the last one while it is replaced. */
const NEXT = `${CHECKPOINT}.new`;
const LAST = `${CHECKPOINT}.old`;
/** Written last: a checkpoint that contains it is complete. */
const RECORD = "run.json";
/** Folder in a checkpoint with the adapter alone, in PEFT's layout. */
export const ADAPTER = "adapter";
const ENGINE = "engine.bin";
const HINT = "expected the --out folder of an earlier run";

/** Weights as a model folder, and the engine's own state. */
export interface SavedWeights {
  readonly safetensors: FileParts;
  readonly engine: FileParts;
  /** Files of the trained adapter. The weights already contain it. */
  readonly adapter?: ReadonlyMap<string, Uint8Array>;
  /** Files copied beside the weights to make the checkpoint a model folder: config, tokenizer, suites. */
  readonly companions: readonly string[];
}

/** One run's folder: `events.jsonl`, `summary.json` and `checkpoint/`, which is a model folder by itself. */
export class RunFolder {
  private lines = 0;

  private constructor(readonly path: string) {}

  /** @throws KelvinError "input" if the folder holds a run already, or cannot be written to */
  static requireEmpty(path: string): void {
    requireFolder(path);
    if (existsSync(join(path, EVENTS)))
      throw new KelvinError("input", `${path} already holds a run`, "continue it with --resume, or name another --out");
  }

  /**
   * Creates the folder and starts its log, with the lines of an earlier run if that is continued here.
   * @throws KelvinError "input" if nothing can be written, "storage" if there is no room; an earlier log then stays
   */
  static begin(path: string, earlier: readonly string[] = []): RunFolder {
    const folder = new RunFolder(path);
    requireFolder(path);
    folder.storing(() => {
      mkdirSync(path, { recursive: true });
      replaceFile(join(path, EVENTS), earlier.map((line) => `${line}\n`).join(""));
    });
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
   * Writes a checkpoint beside the last one and then replaces it: after a crash one of the two is complete.
   * @throws KelvinError "storage"; the last checkpoint then stays, and the unfinished one is removed
   */
  saveCheckpoint(saved: Omit<SavedRun, "events">, weights: SavedWeights): void {
    const [place, next, last] = [this.at(CHECKPOINT), this.at(NEXT), this.at(LAST)];
    this.storing(() => {
      // A crash between the renames below left the newest checkpoint under another name.
      const left = [next, last].find(isWhole);
      if (left && !existsSync(place)) renameSync(left, place);
      for (const path of [next, last]) rmSync(path, { recursive: true, force: true });
      try {
        writeWeights(next, weights);
        writeFileSync(join(next, RECORD), writeSavedRun({ ...saved, events: this.lines }));
      } catch (error) {
        rmSync(next, { recursive: true, force: true });
        throw error;
      }
      if (existsSync(place)) renameSync(place, last);
      renameSync(next, place);
      rmSync(last, { recursive: true, force: true });
    });
  }

  /** @throws KelvinError "storage" */
  saveSummary(summary: RunSummary): void {
    this.storing(() => replaceFile(this.at("summary.json"), `${JSON.stringify(summary, null, 2)}\n`));
  }

  private at(name: string): string {
    return join(this.path, name);
  }

  private storing<T>(work: () => T): T {
    const hint = existsSync(this.at(CHECKPOINT))
      ? `free some room, and go on from the last checkpoint with --resume ${this.path}`
      : "free some room, or name another --out";
    return storing(this.path, work, hint);
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

function writeWeights(folder: string, { safetensors, engine, adapter, companions }: SavedWeights): void {
  mkdirSync(folder);
  writePieces(join(folder, "model.safetensors"), safetensors);
  writePieces(join(folder, ENGINE), engine);
  if (adapter) mkdirSync(join(folder, ADAPTER));
  for (const [name, bytes] of adapter ?? []) writeFileSync(join(folder, ADAPTER, name), bytes);
  for (const path of companions) copyFileSync(path, join(folder, basename(path)));
}

function isWhole(checkpoint: string): boolean {
  return existsSync(join(checkpoint, RECORD));
}

/** The checkpoint's folder, or the next one's after a crash before its rename. */
export function checkpointFolder(path: string): string {
  const place = join(path, CHECKPOINT);
  return [place, join(path, NEXT), join(path, LAST)].find(isWhole) ?? place;
}

/** Reads the checkpoint of a run's folder. @throws KelvinError "input" if it is missing or unreadable. */
export function readCheckpoint(path: string): SavedRun {
  const file = join(checkpointFolder(path), RECORD);
  if (!existsSync(file)) throw new KelvinError("input", `there is no checkpoint in ${path}`, HINT);
  return readSavedRun(readTextFile(file), file, HINT);
}

/** Opens the engine's own state in a checkpoint; it may be too large to read at once. @throws KelvinError "input" */
export function openEngineState(path: string): ModelFile {
  const file = join(checkpointFolder(path), ENGINE);
  const state = diskFile(file);
  if (!state) throw new KelvinError("input", `there is no ${file}`, HINT);
  return state;
}

/** Whether its log says that the run went to its end; one that was killed while it was measured has taken all steps, and has not. */
export function isComplete(path: string): boolean {
  const file = join(path, EVENTS);
  const last = existsSync(file) ? readTextFile(file).trimEnd().split("\n").at(-1) : "";
  return /"type":"run\.end","reason":"done"/.test(last ?? "");
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
