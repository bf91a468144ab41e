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

  constructor(
    private readonly plan: Recorded,
    private readonly model: Pick<LoadedModel, "adapterTensors" | "exportWeights" | "exportState">,
    private readonly state: TrainState,
    private readonly say: Say,
  ) {
    const lines = plan.resumed?.log ?? [];
    if (!plan.resumed) return;
    this.folder = RunFolder.begin(plan.out, lines);
    for (const event of parseLog(lines.map((line) => `${line}\n`).join(""))) this.totals.see(event);
  }

  async see(event: TrainEvent): Promise<void> {
    // The checkpoint excludes the end of the run: a resumed run continues after the last step.
    if (event.type === "run.end") await this.checkpoint();
    this.write(event);
    const stepped = event.type === "step.end" || event.type === "step.skip";
    if (stepped && this.state.step % this.plan.checkpointEvery === 0) await this.checkpoint();
    if (event.type === "run.end") this.folder?.saveSummary(this.totals.summary());
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
    const { plan, model, state } = this;
    const names = [...COMPANIONS, ...SUITE_NAMES.map(suiteFile)];
    const companions = names.map((name) => join(plan.model.folder, name)).filter((path) => existsSync(path));
    const adapter = await model.adapterTensors();
    const weights = {
      safetensors: await model.exportWeights(),
      engine: await model.exportState(),
      ...(adapter ? { adapter: writePeft(adapter) } : {}),
      companions,
    };
    this.folder?.saveCheckpoint({ run: plan.run, suites: plan.suiteNames, state }, weights);
  }
}
