import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { KelvinError, type TrainEvent } from "../contracts";
import { readSavedRun, type SavedRun, writeSavedRun } from "../storage/saved-run";
import { logLine } from "../telemetry/log";
import { readRecording } from "../telemetry/replay";
import type { RunSummary } from "../telemetry/totals";

const EVENTS = "events.jsonl";
const CHECKPOINT = "checkpoint";
/** Within a checkpoint: the adapter alone, in PEFT's layout. */
export const ADAPTER = "adapter";
const HINT = "expected the --out folder of an earlier run";

/** Weights as a model folder, and the engine's own state. */
export interface SavedWeights {
  readonly safetensors: Uint8Array;
  readonly engine: Uint8Array;
  /** Files of the adapter that was trained; in the weights it is merged already. */
  readonly adapter?: ReadonlyMap<string, Uint8Array>;
  /** Files copied beside the weights so that the checkpoint is a model folder: config, tokenizer, suites. */
  readonly companions: readonly string[];
}

/** One run's folder: `events.jsonl`, `summary.json` and `checkpoint/`, which is a model folder by itself. */
export class RunFolder {
  private lines = 0;

  private constructor(readonly path: string) {}

  /** @throws KelvinError "input" when a run is in the folder already, or the path is a file. */
  static requireEmpty(path: string): void {
    const place = statSync(path, { throwIfNoEntry: false });
    if (place && !place.isDirectory()) throw new KelvinError("input", `${path} is a file`, "name a folder with --out");
    if (existsSync(join(path, EVENTS)))
      throw new KelvinError("input", `${path} already holds a run`, "continue it with --resume, or name another --out");
  }

  /**
   * Makes the folder and begins its log, with the lines of an earlier run that is continued in it.
   * @throws KelvinError "input" where nothing can be written
   */
  static begin(path: string, earlier: readonly string[] = []): RunFolder {
    const folder = new RunFolder(path);
    try {
      mkdirSync(path, { recursive: true });
      writeFileSync(join(path, EVENTS), earlier.map((line) => `${line}\n`).join(""));
    } catch (error) {
      // What the system says of a folder is worth one line, not a stack.
      throw new KelvinError("input", `nothing can be written to ${path}`, error instanceof Error ? error.message : "");
    }
    folder.lines = earlier.length;
    return folder;
  }

  append(event: TrainEvent): void {
    const line = logLine(event);
    if (line === null) return;
    appendFileSync(join(this.path, EVENTS), line);
    this.lines += 1;
  }

  /** Writes a checkpoint beside the last one and only then takes its place: a crash leaves one of the two. */
  saveCheckpoint(saved: Omit<SavedRun, "events">, weights: SavedWeights): void {
    const fresh = join(this.path, `${CHECKPOINT}.new`);
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh);
    writeFileSync(join(fresh, "run.json"), writeSavedRun({ ...saved, events: this.lines }));
    writeFileSync(join(fresh, "model.safetensors"), weights.safetensors);
    writeFileSync(join(fresh, "engine.bin"), weights.engine);
    if (weights.adapter) mkdirSync(join(fresh, ADAPTER));
    for (const [name, bytes] of weights.adapter ?? []) writeFileSync(join(fresh, ADAPTER, name), bytes);
    for (const path of weights.companions) copyFileSync(path, join(fresh, basename(path)));
    rmSync(join(this.path, CHECKPOINT), { recursive: true, force: true });
    renameSync(fresh, join(this.path, CHECKPOINT));
  }

  saveSummary(summary: RunSummary): void {
    writeFileSync(join(this.path, "summary.json"), `${JSON.stringify(summary, null, 2)}\n`);
  }
}

/** Reads the checkpoint of a run's folder. @throws KelvinError "input" when there is none or it cannot be read. */
export function readCheckpoint(path: string): SavedRun {
  const file = join(path, CHECKPOINT, "run.json");
  if (!existsSync(file)) throw new KelvinError("input", `there is no checkpoint in ${path}`, HINT);
  return readSavedRun(readFileSync(file, "utf8"), file, HINT);
}

/** The engine's bytes of a checkpoint. */
export function readEngineState(path: string): Uint8Array {
  const file = join(path, CHECKPOINT, "engine.bin");
  if (!existsSync(file)) throw new KelvinError("input", `there is no ${file}`, HINT);
  return readFileSync(file);
}

/**
 * Every logged event of a run.
 * @throws KelvinError "input" where the folder holds no log, or one that cannot be played
 */
export function readEvents(path: string): TrainEvent[] {
  const file = join(path, EVENTS);
  if (!existsSync(file)) throw new KelvinError("input", `${file} does not exist`, "name the --out folder of a run");
  return readRecording(readFileSync(file, "utf8"));
}

/** The first `count` lines of a run's log: those its checkpoint stands for. */
export function readLogLines(path: string, count: number): string[] {
  const file = join(path, EVENTS);
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, count) : [];
  if (lines.length < count || lines.at(-1) === "")
    throw new KelvinError(
      "input",
      `${file} has fewer than ${count} whole lines`,
      "copy the run's folder again, as a whole",
    );
  return lines;
}
