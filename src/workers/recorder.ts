/** Writes a run down as it happens; what the device will not keep is said once, and the run goes on. */
import { KelvinError, type Reply, type RunConfig, type TrainEvent } from "../contracts";
import type { LoadedModel, ModelFiles } from "../model/engine";
import { RunWriter } from "../storage/run-writer";
import { writeSavedRun } from "../storage/saved-run";
import type { Resumable } from "../storage/stored";
import type { TrainState } from "../train";

/** A checkpoint at least this often, in steps and in milliseconds of training, whichever comes first. */
const EVERY_STEPS = 10;
const EVERY_MS = 20_000;

/** What is recorded: a run, its state as the loop advances it, and the model it trains. */
export interface Recorded {
  readonly run: RunConfig;
  readonly name: string;
  readonly state: TrainState;
  readonly model: LoadedModel;
  readonly files: ModelFiles;
  readonly resumed: Resumable | null;
}

/** The loop's state between two steps, as it has to be written should the run rest before the next one ends. */
interface Boundary {
  readonly step: number;
  readonly elapsed: number;
  readonly saved: string;
}

/** Writes a run down on this device while it goes on, and again whenever it rests. */
export class Recorder {
  private writer: RunWriter | null = null;
  /** Events before the run is prepared: one that fails on the way leaves nothing behind. */
  private waiting: TrainEvent[] = [];
  private boundary: Boundary | null = null;
  /** The update was applied and its step has not ended: weights are ahead of the boundary. */
  private ahead = false;
  private lastElapsed = 0;
  private refused = false;
  /** Nothing comes after the end: an event that still arrives begins no second record. */
  private over = false;

  constructor(
    private readonly recorded: Recorded,
    private readonly post: (reply: Reply) => void,
  ) {}

  /** Opens the run that is continued; without room for it the run goes on unkept. */
  async open(): Promise<void> {
    const { resumed } = this.recorded;
    if (!resumed) return;
    await this.attempt(async () => {
      this.writer = await RunWriter.resume(resumed.earlier);
      this.lastElapsed = resumed.saved.state.elapsed;
      this.tell(this.writer);
    });
  }

  async see(event: TrainEvent): Promise<void> {
    const { state } = this.recorded;
    if (event.type === "phase.end" && event.phase === "update") this.ahead = true;
    if (this.over) return;
    if (this.writer) this.append(event);
    else if (!this.refused) this.waiting.push(event);
    if (!this.writer && state.prepared && !this.refused) await this.begin();
    if (event.type !== "step.end" && event.type !== "step.skip") return;
    this.ahead = false;
    this.remember();
    const due = state.step % EVERY_STEPS === 0 || state.elapsed - this.lastElapsed > EVERY_MS;
    if (due) await this.checkpoint();
    else await this.attempt(async () => this.writer?.flush());
  }

  /** The run rests: what it has learned so far is written, unless the step is about to end. */
  async rest(): Promise<void> {
    if (this.ahead) await this.attempt(async () => this.writer?.flush());
    else await this.checkpoint();
  }

  /** The run is over for now. `status` "failed" writes no weights: the device may be gone. */
  async close(status: "kept" | "done" | "failed"): Promise<void> {
    if (status !== "failed" && !this.ahead) await this.checkpoint();
    const { writer } = this;
    this.writer = null;
    this.over = true;
    await this.attempt(async () => writer?.close(status));
    if (writer) this.tell(writer, false);
  }

  private append(event: TrainEvent): void {
    try {
      // The end of a run is not part of its checkpoint: a resumed run goes on where the steps ended.
      this.writer?.append(event);
    } catch (error) {
      this.giveUp(error);
    }
  }

  private async begin(): Promise<void> {
    const { run, name } = this.recorded;
    await this.attempt(async () => {
      this.writer = await RunWriter.begin(run, name, this.waiting);
      this.tell(this.writer);
    });
    this.waiting = [];
  }

  /** The state is advanced in place and tasks are added while a step goes on, so its text is made now. */
  private remember(): void {
    const { run, state } = this.recorded;
    if (!this.writer) return;
    const saved = writeSavedRun({ run, suites: [], state, events: this.writer.lines });
    this.boundary = { step: state.step, elapsed: state.elapsed, saved };
  }

  private async checkpoint(): Promise<void> {
    const { boundary, writer } = this;
    if (!writer || !boundary || writer.checkpointed === boundary.step) return;
    const { model, files } = this.recorded;
    const companions = {
      "config.json": JSON.stringify(files.config),
      "tokenizer.json": JSON.stringify(files.tokenizer),
      ...files.optional,
    };
    await this.attempt(async () => {
      const [weights, engine] = [await model.exportWeights(), await model.exportState()];
      const adapter = await model.adapterTensors();
      const trained = adapter ? underFolder("adapter", (await import("../model/peft")).writePeft(adapter)) : {};
      const files = { ...companions, ...trained };
      await writer.checkpoint(boundary.step, { saved: boundary.saved, weights, engine, companions: files });
      this.lastElapsed = boundary.elapsed;
      this.tell(writer);
    });
  }

  /** @param busy whether the run is still being written: others may not touch it */
  private tell({ id, checkpointed }: RunWriter, busy = true): void {
    this.post({ type: "kept", id, step: checkpointed, busy });
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.giveUp(error);
    }
  }

  /** Only what the device will not do is survivable; a mistake of ours ends the run as any other. */
  private giveUp(error: unknown): void {
    if (!(error instanceof KelvinError) || error.reason !== "storage") throw error;
    this.refused = true;
    const { writer } = this;
    this.writer = null;
    writer?.abandon();
    if (writer) this.tell(writer, false);
    const { message, hint } = error;
    const kept = this.over
      ? "The run is kept as far as it was written."
      : "The run goes on, but is not kept any further.";
    this.post({ type: "notice", message: `${message} ${kept}`, hint });
  }
}

/** Files by their path within the checkpoint. */
function underFolder<T>(folder: string, files: ReadonlyMap<string, T>): Record<string, T> {
  return Object.fromEntries([...files].map(([name, bytes]) => [`${folder}/${name}`, bytes]));
}
