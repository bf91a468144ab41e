import type { ReactiveController, ReactiveControllerHost } from "lit";
import { type Command, type FailureReason, KelvinError, type Reply, TASK_TYPES, type TrainEvent } from "../contracts";
import { reduce } from "../telemetry/reducer";
import { initialState, type RunState, type SampleRecord } from "../telemetry/state";
import { followLive, initialLive, type LiveSample, type LiveState } from "./live";
import { type Attempt, type CreditShare, creditShare, leadingScene, type Scene, scenesOf } from "./scenes";
import { applyReply, type Failure, initialSession, type Session } from "./session";
import { checkSetup, DEFAULT_SETUP, type RunSetup, runConfig, settlePreset, writeSetup } from "./setup";

/** Where runs come from: the trainer worker, or a recorded log. */
export interface RunSource {
  /** The setup of a run that already happened. */
  readonly setup?: RunSetup;
  /** Only for a recorded run: it can be played from anywhere, at any speed. */
  readonly timeline?: Timeline;
  send(command: Command): void;
  listen(onReply: (reply: Reply) => void): void;
}

/** A recorded run to move about in. */
export interface Timeline {
  /** Finished steps in the recording. */
  readonly steps: number;
  /** How many times faster than it happened. */
  speed: number;
  /** The run as it was after so many finished steps; playing goes on from there. */
  seek(step: number): RunState;
}

/** A moment taken out of a run: it stays as it was while training goes on. */
export interface Explained {
  readonly step: number;
  readonly record: SampleRecord;
  readonly share: CreditShare;
}

/** What the visitor is looking at. */
export interface Selection {
  /** null follows the run. */
  readonly scene: string | null;
  readonly attempt: string | null;
  readonly explained: Explained | null;
}

/** Failures that a new run would only meet again. */
const LASTING: ReadonlySet<FailureReason> = new Set(["no-webgpu", "device-lost", "model", "verifier"]);

const NOTHING_SELECTED: Selection = { scene: null, attempt: null, explained: null };

/** The page's state and its one way to the engine. Events are reduced as they come; panels draw at most once a frame. */
export class Store {
  session: Session = initialSession;
  run: RunState = initialState;
  live: LiveState = initialLive;
  selection: Selection = NOTHING_SELECTED;
  /** What a link or a form got wrong; shown in place. */
  complaint: Failure | null = null;
  /** Start was pressed while the engine was still loading. */
  waiting: "start" | "step-phase" | null = null;

  private readonly listeners = new Set<() => void>();
  private scheduled = false;
  /** After a reset, events of the run that was thrown away may still arrive. */
  private discarding = false;
  /** The source to come back to after a recorded run, and how it was left. */
  private readonly engine: RunSource;
  private away: { session: Session; readonly setup: RunSetup } | null = null;

  constructor(
    private source: RunSource,
    public setup: RunSetup = DEFAULT_SETUP,
  ) {
    this.engine = source;
    this.attach(source);
  }

  /** Take runs from another source: a recorded log instead of the engine, which goes on loading meanwhile. */
  private attach(source: RunSource): void {
    this.source = source;
    source.listen((reply) => {
      if (source === this.source) this.receive(reply);
      else if (source === this.engine && this.away) this.away.session = applyReply(this.away.session, reply);
    });
  }

  /** Leave the engine and play a recorded run from its beginning. */
  play(source: RunSource): void {
    this.send({ type: "stop" });
    this.away ??= { session: this.session, setup: this.setup };
    this.clear();
    this.session = initialSession;
    this.complaint = null;
    this.setup = source.setup ?? this.setup;
    this.attach(source);
    this.waiting = "start";
    this.invalidate();
  }

  /** Back from a recorded run to the engine as it was left. */
  private comeBack(): void {
    if (!this.away) return;
    this.source = this.engine;
    this.session = this.away.session;
    this.setup = this.away.setup;
    this.away = null;
    this.settle();
  }

  /** The recording on screen; null for a run of our own. */
  get timeline(): Timeline | null {
    return this.source.timeline ?? null;
  }

  /** Move a recorded run to where so many steps were finished. */
  seek(step: number): void {
    const { timeline } = this;
    if (!timeline) return;
    this.clear();
    this.discarding = false;
    this.run = timeline.seek(step);
    this.invalidate();
  }

  /** Play a recorded run at another speed. */
  playAt(speed: number): void {
    if (this.timeline) this.timeline.speed = speed;
    this.invalidate();
  }

  private clear(): void {
    this.run = initialState;
    this.live = initialLive;
    this.selection = NOTHING_SELECTED;
    this.waiting = null;
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Nothing can be started before weights and verifier are there. */
  get canStart(): boolean {
    return this.session.methods.length > 0 && this.session.failure === null && this.complaint === null;
  }

  get started(): boolean {
    return this.run.status !== "none";
  }

  get ended(): boolean {
    return this.started && this.run.status !== "running";
  }

  /** Fetch the model of the setup; the page does so at once, so that Start finds it ready. */
  load(): void {
    this.send({ type: "load", model: this.setup.model });
  }

  start(): void {
    this.begin("start");
  }

  pause(): void {
    this.send({ type: "pause" });
  }

  resume(): void {
    this.send({ type: "resume" });
  }

  /** One phase onwards; begins the run where there is none. */
  stepPhase(): void {
    if (this.run.status === "running") this.send({ type: "step-phase" });
    else this.begin("step-phase");
  }

  /** Back to step 0 with the weights that were loaded; nothing is kept of the run. A recorded run is left. */
  reset(): void {
    this.send({ type: "stop" });
    this.discarding = true;
    this.clear();
    this.comeBack();
    const lasting = this.session.failure && LASTING.has(this.session.failure.reason);
    this.session = { ...this.session, motion: "idle", failure: lasting ? this.session.failure : null };
    this.invalidate();
  }

  /** Change what the next run will be; the link follows. */
  configure(change: Partial<RunSetup>): void {
    const model = this.setup.model;
    this.setup = { ...this.setup, ...change };
    this.settle();
    this.writeLink();
    if (this.setup.model !== model) this.load();
    this.invalidate();
  }

  /** The address of the page reproduces the run. */
  private writeLink(): void {
    history.replaceState(null, "", writeSetup(this.setup) + location.hash);
  }

  select(change: Partial<Selection>): void {
    this.selection = { ...this.selection, ...change };
    this.invalidate();
  }

  /** Open the arithmetic of a sample of the step on stage. */
  explain(scene: Scene, record: SampleRecord): void {
    const step = this.stageStep;
    const share = creditShare(step, record.sample.id);
    if (share && scene.step === step.step) this.select({ explained: { step: step.step, record, share } });
  }

  /** The step on stage: the one being made, or the last one while the new one has nothing to show. */
  get stageStep() {
    const { current, previous } = this.run;
    return scenesOf(current).length === 0 && previous !== null ? previous : current;
  }

  /** The scene on stage: the chosen one while its step is on, else the one that leads. */
  get scene(): Scene | null {
    const scenes = scenesOf(this.stageStep);
    return scenes.find(({ id }) => id === this.selection.scene) ?? leadingScene(scenes);
  }

  /** The proposal to watch being written, of the type whose turn it is; null when none is. */
  get liveProposal(): LiveSample | null {
    if (this.selection.scene !== null) return null;
    const turn = TASK_TYPES[this.run.current.step % TASK_TYPES.length];
    const writing = [...this.live.samples.values()].filter(({ role }) => role === "proposer");
    return writing.find(({ taskType }) => taskType === turn) ?? writing[0] ?? null;
  }

  /** Answers being written: to the task on stage, else to one task of a step that has nothing else to show yet. */
  get liveAttempts(): readonly LiveSample[] {
    const writing = [...this.live.samples.values()].filter(({ role }) => role === "solver");
    const here = writing.filter(({ promptId }) => promptId.startsWith(`${this.scene?.id}/`));
    if (here.length > 0 || this.selection.scene !== null || scenesOf(this.run.current).length > 0) return here;
    const turn = TASK_TYPES[this.run.current.step % TASK_TYPES.length];
    const first = writing.find(({ taskType }) => taskType === turn) ?? writing[0];
    return writing.filter(({ promptId }) => promptId === first?.promptId);
  }

  /** The attempt shown in full: the chosen one, else the first right one with a trace, else the first. */
  get openedAttempt(): Attempt | null {
    const attempts = this.scene?.attempts ?? [];
    const chosen = attempts.find(({ record }) => record.sample.id === this.selection.attempt);
    const traced = attempts.find(({ record }) => record.sample.trace && record.verdict?.verdict === "CORRECT");
    return chosen ?? traced ?? attempts[0] ?? null;
  }

  /** Tokens sampled and trained per second of the last step; null before there is one. */
  get tokensPerSecond(): number | null {
    const last = this.run.history.at(-1);
    if (!last) return null;
    const ms = Object.values(last.timings).reduce((sum, value) => sum + value, 0);
    const tokens = (last.metrics["tokens/sampled"] ?? 0) + (last.metrics["tokens/trained"] ?? 0);
    return ms > 0 ? (1000 * tokens) / ms : null;
  }

  private begin(how: "start" | "step-phase"): void {
    if (!this.canStart) return;
    if (this.session.loaded === null) {
      this.waiting = how;
      this.invalidate();
      return;
    }
    this.waiting = null;
    this.discarding = false;
    this.selection = NOTHING_SELECTED;
    if (this.source.setup === undefined) this.writeLink();
    this.send({ type: "start", run: runConfig(this.setup, this.session.methods) });
    if (how === "step-phase") this.send({ type: "step-phase" });
  }

  private send(command: Command): void {
    this.source.send(command);
  }

  private receive(reply: Reply): void {
    this.session = applyReply(this.session, reply);
    if (reply.type === "event") this.follow(reply.event);
    if (reply.type === "ready") this.settle();
    if (reply.type === "loaded" && this.waiting) this.begin(this.waiting);
    this.invalidate();
  }

  private follow(event: TrainEvent): void {
    if (event.type === "run.start") this.discarding = false;
    if (this.discarding) return;
    this.run = reduce(this.run, event);
    this.live = followLive(this.live, event);
  }

  /** Now that methods and device are known, the link can be checked and completed. */
  private settle(): void {
    this.setup = settlePreset(this.setup, this.session.methods, this.session.device?.software ?? false);
    this.check();
  }

  private check(): void {
    this.complaint = null;
    if (this.session.methods.length === 0) return;
    try {
      checkSetup(this.setup, this.session.methods);
    } catch (error) {
      // A wrong link is bad input, not a mistake of the page: it is said where the visitor looks.
      if (!(error instanceof KelvinError)) throw error;
      this.complaint = { reason: "config", message: error.message, hint: error.hint };
    }
  }

  private invalidate(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      for (const listener of this.listeners) listener();
    });
  }
}

/** Redraws its host when the host's `store` changes; the host is drawn at most once per frame. */
export class StoreController implements ReactiveController {
  private unsubscribe: (() => void) | null = null;

  constructor(private readonly host: ReactiveControllerHost & { readonly store: Store }) {
    host.addController(this);
  }

  hostConnected(): void {
    this.unsubscribe = this.host.store.subscribe(() => this.host.requestUpdate());
  }

  hostDisconnected(): void {
    this.unsubscribe?.();
    this.unsubscribe = null;
  }
}
