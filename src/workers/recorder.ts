/** Records a run while it happens. A storage failure is reported once, and the run continues. */
import { KelvinError, type Reply, type RunConfig, type TrainEvent, type TrainState } from "../contracts";
import type { LoadedModel, ModelFiles } from "../model/engine";
import { RECORD, textPieces } from "../storage/checkpoint";
import type { Resumable } from "../storage/resumable";
import { RunWriter } from "../storage/run-writer";
import { writeSavedRun } from "../storage/saved-run";

/** A checkpoint at least this often, in steps and in milliseconds of training, whichever comes first. */
const EVERY_STEPS = 10;
const EVERY_MS = 20_000;

/** The recorded run, its state, which the loop mutates, and its model. */
export interface Recorded {
  readonly run: RunConfig;
  readonly name: string;
  readonly state: TrainState;
  readonly model: LoadedModel;
  readonly files: ModelFiles;
  readonly resumed: Resumable | null;
}

/** The loop's state between two steps, saved in case the run pauses before the next step ends. */
interface Boundary {
  readonly step: number;
  readonly elapsed: number;
  readonly saved: string;
}

/** Records a run on this device: during the run, and at every pause. */
export class Recorder {
  private writer: RunWriter | null = null;
  /** Events before the run is prepared: a run that fails before that leaves nothing behind. */
  private waiting: TrainEvent[] = [];
  private boundary: Boundary | null = null;
  /** The update was applied but the step has not ended: weights are newer than the boundary. */
  private ahead = false;
  private lastElapsed = 0;
  private refused = false;
  /** The recording has ended: a late event must not start a second one. */
  private over = false;

  constructor(
    private readonly recorded: Recorded,
    private readonly post: (reply: Reply) => void,
  ) {}

  /** Opens the record of a resumed run; if storage fails, the run continues unrecorded. */
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
    if (event.type !== "live.prepared" && event.type !== "step.end" && event.type !== "step.skip") return;
    this.ahead = false;
    this.remember();
    if (this.isDue()) await this.checkpoint();
    else await this.attempt(async () => this.writer?.flush());
  }

  /** At the start, every so many steps or seconds, and before the last evaluation, which may be long. */
  private isDue(): boolean {
    const { run, state } = this.recorded;
    const isLast = state.step >= run.steps && run.evaluateTasks > 0;
    return state.step % EVERY_STEPS === 0 || isLast || state.elapsed - this.lastElapsed > EVERY_MS;
  }

  /** The run pauses: writes a checkpoint, unless the step is about to end. */
  async rest(): Promise<void> {
    if (this.ahead) await this.attempt(async () => this.writer?.flush());
    else await this.checkpoint();
  }

  /** Ends the recording for now. `status` "failed" writes no weights: the device may be lost. */
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
      // The checkpoint excludes the end of the run: a resumed run continues after the last step.
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

  /** Serialises the state now, because the loop mutates it and adds tasks during the step. */
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
      const trained = adapter ? (await import("../model/peft")).writePeft(adapter) : [];
      const files = new Map([
        ["model.safetensors", weights],
        ["engine.bin", engine],
        ...Object.entries(companions).map(([path, text]) => [path, textPieces(text)] as const),
        ...[...trained].map(([name, bytes]) => [`adapter/${name}`, [bytes]] as const),
        [RECORD, textPieces(boundary.saved)],
      ]);
      await writer.checkpoint(boundary.step, files);
      this.lastElapsed = boundary.elapsed;
      this.tell(writer);
    });
  }

  /** @param busy whether the run is still being written, so that others must not touch it */
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

  /** Only storage failures let the run continue; a mistake in our code ends it. */
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
