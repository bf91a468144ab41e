import type { Measure, RunConfig, TrainEvent } from "../contracts";
import { logLine } from "../telemetry/log";
import { type About, SLOTS, writeAbout } from "./about";
import { holdRun } from "./busy";
import { type CheckpointFiles, fillCheckpoint } from "./checkpoint";
import { openRuns, removeEntry, storing } from "./files";
import { PrivateFolder } from "./private-folder";
import { RunLog } from "./run-log";

/** An earlier run to continue: its record, and the lines of its log and their number. */
export interface Earlier {
  readonly about: About;
  readonly log: string;
  readonly lines: number;
}

/** Records one run while it happens. Runs in the trainer's worker; throws KelvinError "storage". */
export class RunWriter {
  private headline: string | null = null;

  private constructor(
    private readonly folder: FileSystemDirectoryHandle,
    private readonly log: RunLog,
    private about: About,
    /** Ends the lock on the run. */
    private readonly release: () => Promise<void>,
  ) {}

  get id(): string {
    return this.about.id;
  }

  get lines(): number {
    return this.log.lines;
  }

  /** Finished steps at the last checkpoint; null before the first. */
  get checkpointed(): number | null {
    return this.about.checkpoint;
  }

  /** Creates the folder of a new run, with the events so far. */
  static async begin(run: RunConfig, name: string, events: readonly TrainEvent[]): Promise<RunWriter> {
    const [start] = events;
    if (start?.type !== "run.start") throw new Error("a run's log begins with run.start");
    const created = Date.now();
    const id = `${run.method}-seed-${run.seed}-${created.toString(36)}`;
    // Held before its folder is there: others would see a run without `about.json`.
    const release = await holdRun(id);
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
      const folder = await storing(async () => (await openRuns()).getDirectoryHandle(id, { create: true }));
      const writer = new RunWriter(folder, await RunLog.open(folder, "", 0), about, release);
      return await writer.opened(() => {
        for (const event of events) writer.append(event);
      });
    } catch (error) {
      // Without its `about.json` the folder would be invisible, so it is removed; a failure of that must not hide the first
      // error.
      await openRuns()
        .then((runs) => removeEntry(runs, id))
        .catch(() => {});
      await release();
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

  /** Records that the run is on. If that fails, file and lock are released. */
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

  /** Adds an event to the log; `live.*` events are not logged. */
  append(event: TrainEvent): void {
    const line = logLine(event);
    if (line !== null) this.log.append(line);
    if (event.type === "step.end" || event.type === "step.skip") this.about = { ...this.about, steps: event.step + 1 };
    if (event.type === "evaluate.result") this.measure(event.suite, event.measures);
  }

  /** Writes buffered lines to the device and updates the run's row in the list. */
  async flush(): Promise<void> {
    this.log.flush();
    await writeAbout(this.folder, this.about);
  }

  /**
   * Writes a checkpoint beside the last one, checks it and then makes it valid. The last one stays until the next time. So after
   * a crash one is complete.
   */
  async checkpoint(step: number, files: CheckpointFiles): Promise<void> {
    this.log.flush();
    const slot = this.about.slot === SLOTS[0] ? SLOTS[1] : SLOTS[0];
    await removeEntry(this.folder, slot);
    const place = await storing(() => this.folder.getDirectoryHandle(slot, { create: true }));
    await fillCheckpoint(new PrivateFolder(place), files);
    this.about = { ...this.about, checkpoint: step, slot };
    await writeAbout(this.folder, this.about);
  }

  /**
   * Ends the recording, for now or for good. A run without a finished step is deleted. The lock ends only after `about.json` says
   * how the run ended: before that, changes by others, such as a new name, would be overwritten.
   */
  async close(status: "kept" | "done" | "failed"): Promise<void> {
    try {
      this.log.close();
      this.about = { ...this.about, status };
      if (this.about.steps === 0 && status !== "failed") await removeEntry(await openRuns(), this.about.id);
      else await this.settle();
    } finally {
      await this.release();
    }
  }

  /** A finished run needs no second checkpoint. */
  private async settle(): Promise<void> {
    await writeAbout(this.folder, this.about);
    if (this.about.status !== "done") return;
    for (const slot of SLOTS) if (slot !== this.about.slot) await removeEntry(this.folder, slot);
  }

  /** The device stores no more of this run: closes the file; what was written stays. */
  abandon(): void {
    this.log.abandon();
    void this.release();
  }

  /** The headline suite is the first one measured. */
  private measure(suite: string, measures: readonly Measure[]): void {
    this.headline ??= suite;
    if (suite !== this.headline) return;
    this.about = { ...this.about, before: this.about.before ?? measures, after: measures };
  }
}
