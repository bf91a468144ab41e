import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TrainEvent, TrainState } from "../contracts";
import type { LoadedModel } from "../model/engine";
import { writePeft } from "../model/peft";
import { parseLog } from "../telemetry/log";
import { RunTotals } from "../telemetry/totals";
import { COMPANIONS } from "./model-folder";
import type { Plan } from "./plan";
import { progressLine } from "./progress";
import { RunFolder } from "./run-folder";
import { SUITE_NAMES, suiteFile } from "./suites";

/** A checkpoint at least this often, in milliseconds of training. */
const EVERY_MS = 60_000;

/** Prints a line for the reader. */
export type Say = (line: string) => void;

/** The part of a plan that is recorded. */
type Recorded = Pick<Plan, "run" | "suiteNames" | "model" | "out" | "checkpointEvery" | "resumed">;

/** Log, checkpoints, summary and progress lines of one run. */
export class Recorder {
  readonly totals = new RunTotals();
  /** null until the run is prepared; events wait here until then. */
  private folder: RunFolder | null = null;
  private readonly waiting: TrainEvent[] = [];
  /** Where the state was last exact: lines of the log there. */
  private boundary = 0;
  private saved = { lines: -1, elapsed: 0 };

  constructor(
    private readonly plan: Recorded,
    private readonly model: Pick<LoadedModel, "adapterTensors" | "exportWeights" | "exportState">,
    private readonly state: TrainState,
    private readonly say: Say,
  ) {
    if (!plan.resumed) return;
    const lines = plan.resumed.log;
    this.folder = RunFolder.begin(plan.out, lines);
    this.boundary = lines.length;
    // In another folder the run has no checkpoint yet.
    this.saved = { lines: plan.out === plan.resumed.folder ? lines.length : -1, elapsed: state.elapsed };
    for (const event of parseLog(lines.map((line) => `${line}\n`).join(""))) this.totals.see(event);
  }

  async see(event: TrainEvent): Promise<void> {
    // A run that was stopped while it was measured measures again.
    if (event.type === "run.end" && event.reason !== "done") await this.checkpoint();
    this.write(event);
    if (event.type === "run.end") return this.end(event.reason === "done");
    if (event.type !== "live.prepared" && event.type !== "step.end" && event.type !== "step.skip") return;
    this.boundary = this.folder?.lines ?? 0;
    if (this.isDue()) await this.checkpoint();
  }

  /** A checkpoint at the start, every so many steps, every minute, and before the last evaluation, which may be long. */
  private isDue(): boolean {
    const { plan, state, saved } = this;
    const isLast = state.step >= plan.run.steps && plan.run.evaluateTasks > 0;
    return state.step % plan.checkpointEvery === 0 || isLast || state.elapsed - saved.elapsed >= EVERY_MS;
  }

  /** The checkpoint excludes the end of the run, so that a resumed run continues after the last step. */
  private async end(isDone: boolean): Promise<void> {
    const { folder } = this;
    if (!folder) return;
    if (isDone) {
      this.boundary = folder.lines - 1;
      await this.checkpoint();
    }
    folder.saveSummary(this.totals.summary());
    if (isDone) folder.thin();
    folder.close();
  }

  /** The run failed: the last checkpoint stays. Throws nothing, so that the reader sees the original error. */
  fail(error: unknown): void {
    if (!this.folder) return;
    const message = error instanceof Error ? error.message : String(error);
    try {
      this.write({ type: "run.end", reason: "failed", message, step: this.state.step, ms: this.state.elapsed });
      this.folder.saveSummary(this.totals.summary());
    } catch {
      this.say(`the end of the run could not be written to ${this.plan.out}`);
    }
    this.folder.close();
  }

  private write(event: TrainEvent): void {
    this.totals.see(event);
    const line = progressLine(event, this.plan.run.steps);
    if (line !== null) this.say(line);
    if (!this.folder && this.state.prepared) {
      this.folder = RunFolder.begin(this.plan.out);
      for (const earlier of this.waiting) this.folder.append(earlier);
    }
    if (this.folder) this.folder.append(event);
    else this.waiting.push(event);
  }

  private async checkpoint(): Promise<void> {
    const { plan, model, state, boundary } = this;
    if (!this.folder || this.saved.lines === boundary) return;
    const names = [...COMPANIONS, ...SUITE_NAMES.map(suiteFile)];
    const companions = names.map((name) => join(plan.model.folder, name)).filter((path) => existsSync(path));
    const adapter = await model.adapterTensors();
    const weights = {
      safetensors: await model.exportWeights(),
      engine: await model.exportState(),
      ...(adapter ? { adapter: writePeft(adapter) } : {}),
      companions,
    };
    await this.folder.saveCheckpoint({ run: plan.run, suites: plan.suiteNames, state, events: boundary }, weights);
    this.saved = { lines: boundary, elapsed: state.elapsed };
  }
}
