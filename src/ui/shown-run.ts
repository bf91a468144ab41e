import type { TrainEvent } from "../contracts";
import { reduce } from "../telemetry/reducer";
import { initialState, type RunState, type SampleRecord } from "../telemetry/state";
import { TaskBook } from "../telemetry/task-book";
import { declareWords } from "./declared-words";
import { followLive, initialLive, type LiveState } from "./live";
import { Observed } from "./observed";
import type { Scene } from "./scenes";
import {
  answersOnStage,
  attemptOnStage,
  explanationOf,
  NOTHING_SELECTED,
  proposalOnStage,
  type Selection,
  sceneOnStage,
  stepOnStage,
  tokensPerSecond,
} from "./stage";

/** The run on screen, reduced from its events, and the visitor's selection in it. */
export class ShownRun extends Observed {
  run: RunState = initialState;
  live: LiveState = initialLive;
  selection: Selection = NOTHING_SELECTED;
  /** The tasks of the run. */
  readonly tasks = new TaskBook();
  /** After a reset, late events of the discarded run are ignored. */
  protected discarding = false;

  get started(): boolean {
    return this.run.status !== "none";
  }

  get ended(): boolean {
    return this.started && this.run.status !== "running";
  }

  select(change: Partial<Selection>): void {
    this.selection = { ...this.selection, ...change };
    this.invalidate();
  }

  /** Opens the arithmetic of a sample of the step on stage. */
  explain(scene: Scene, record: SampleRecord): void {
    const explained = explanationOf(this.run, scene, record);
    if (explained) this.select({ explained });
  }

  /** The step on stage; see stage.ts. */
  get stageStep() {
    return stepOnStage(this.run);
  }

  get scene() {
    return sceneOnStage(this);
  }

  get liveProposal() {
    return proposalOnStage(this);
  }

  get liveAttempts() {
    return answersOnStage(this);
  }

  get openedAttempt() {
    return attemptOnStage(this);
  }

  get tokensPerSecond() {
    return tokensPerSecond(this.run);
  }

  protected follow(event: TrainEvent): void {
    if (event.type === "run.start") {
      this.discarding = false;
      declareWords(event.display?.words ?? {});
    }
    if (this.discarding) return;
    this.run = reduce(this.run, event);
    this.live = followLive(this.live, event);
    this.tasks.see(event);
  }

  protected clear(): void {
    this.run = initialState;
    this.live = initialLive;
    this.tasks.restart();
    this.selection = NOTHING_SELECTED;
  }
}
