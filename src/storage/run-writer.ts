import type { RunConfig, SuiteResult, TrainEvent } from "../contracts";
import { logLine } from "../telemetry/log";
import { type About, SLOTS, writeAbout } from "./about";
import { holdRun } from "./busy";
import { type Content, openRuns, removeEntry, storing, writeFile, writePath } from "./files";
import { RunLog } from "./run-log";

/** Weights as a model folder, and the engine's own state. */
export interface CheckpointFiles {
  /** `run.json` as writeSavedRun gives it. */
  readonly saved: string;
  readonly weights: Content;
  readonly engine: Content;
  /** By path: `config.json` and `tokenizer.json`, so that the checkpoint is a model folder, and the adapters trained. */
  readonly companions: Readonly<Record<string, Content>>;
}

/** A run that goes on where another was left: its own record, the lines of its log so far and their number. */
export interface Earlier {
  readonly about: About;
  readonly log: string;
  readonly lines: number;
}

/** Writes one run down while it happens. Lives in the trainer's worker; throws KelvinError "storage". */
export class RunWriter {
  private headline: string | null = null;

  private constructor(
    private readonly folder: FileSystemDirectoryHandle,
    private readonly log: RunLog,
    private about: About,
    /** Lets others use the run again. */
    private readonly release: () => Promise<void>,
  ) {}

  get id(): string {
    return this.about.id;
  }

  get lines(): number {
    return this.log.lines;
  }

  /** Finished steps of the last checkpoint; null before the first. */
  get checkpointed(): number | null {
    return this.about.checkpoint;
  }

  /** A new run's folder, with the events that already happened. */
  static async begin(run: RunConfig, name: string, events: readonly TrainEvent[]): Promise<RunWriter> {
    const [start] = events;
    if (start?.type !== "run.start") throw new Error("a run's log begins with run.start");
    const created = Date.now();
    const id = `${run.method}-seed-${run.seed}-${created.toString(36)}`;
    const folder = await storing(async () => (await openRuns()).getDirectoryHandle(id, { create: true }));
    const { model, device } = start;
    const about: About = {
      id,
      name,
      created,
      run,
      model: { ...model },
      device,
      steps: 0,
      status: "running",
      checkpoint: null,
      before: null,
      after: null,
      slot: null,
    };
    try {
      const writer = new RunWriter(folder, await RunLog.open(folder, "", 0), about, await holdRun(id));
      return await writer.opened(() => {
        for (const event of events) writer.append(event);
      });
    } catch (error) {
      // Without its `about.json` nobody would ever see the folder; the reason it came to nothing is worth more than this.
      await openRuns()
        .then((runs) => removeEntry(runs, id))
        .catch(() => {});
      throw error;
    }
  }

  static async resume({ about, log, lines }: Earlier): Promise<RunWriter> {
    const folder = await storing(async () => (await openRuns()).getDirectoryHandle(about.id));
    const writer = new RunWriter(
      folder,
      await RunLog.open(folder, log, lines),
      { ...about, status: "running" },
      await holdRun(about.id),
    );
    return writer.opened(() => {});
  }

  /** Says on the device that the run is on. What fails meanwhile lets go of file and run. */
  private async opened(prepare: () => void): Promise<this> {
    try {
      prepare();
      await writeAbout(this.folder, this.about);
      return this;
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  /** Adds an event to the log; `live.*` events are not kept. */
  append(event: TrainEvent): void {
    const line = logLine(event);
    if (line !== null) this.log.append(line);
    if (event.type === "step.end" || event.type === "step.skip") this.about = { ...this.about, steps: event.step + 1 };
    if (event.type === "evaluate.result") this.measure(event.suite, event.result);
  }

  /** Finished lines reach the device, and the list hears how far the run has come. */
  async flush(): Promise<void> {
    this.log.flush();
    await writeAbout(this.folder, this.about);
  }

  /** Writes a checkpoint beside the last one and only then names it the one that counts: a crash leaves one of the two. */
  async checkpoint(step: number, { saved, weights, engine, companions }: CheckpointFiles): Promise<void> {
    this.log.flush();
    const slot = this.about.slot === SLOTS[0] ? SLOTS[1] : SLOTS[0];
    await removeEntry(this.folder, slot);
    const place = await storing(() => this.folder.getDirectoryHandle(slot, { create: true }));
    await writeFile(place, "model.safetensors", weights);
    await writeFile(place, "engine.bin", engine);
    for (const [path, content] of Object.entries(companions)) await writePath(place, path, content);
    await writeFile(place, "run.json", saved);
    const last = this.about.slot;
    this.about = { ...this.about, checkpoint: step, slot };
    await writeAbout(this.folder, this.about);
    if (last) await removeEntry(this.folder, last);
  }

  /**
   * The run is over, or left for now. A run without a finished step is not worth keeping. Others may use the run only when
   * `about.json` says how it ended: what they changed before that, such as its name, would be written over.
   */
  async close(status: "kept" | "done" | "failed"): Promise<void> {
    try {
      this.log.close();
      this.about = { ...this.about, status };
      if (this.about.steps === 0 && status !== "failed") await removeEntry(await openRuns(), this.about.id);
      else await writeAbout(this.folder, this.about);
    } finally {
      await this.release();
    }
  }

  /** The device keeps no more of this run: the file is let go, and what is there stays. */
  abandon(): void {
    this.log.abandon();
    void this.release();
  }

  /** The headline suite is the first one measured. */
  private measure(suite: string, result: SuiteResult): void {
    this.headline ??= suite;
    if (suite !== this.headline) return;
    this.about = { ...this.about, before: this.about.before ?? result, after: result };
  }
}
