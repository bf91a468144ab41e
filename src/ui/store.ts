import {
  type AdapterWish,
  type Choice,
  type Command,
  chosenFolder,
  type MethodDisplay,
  type ModelChoice,
  type PairRow,
  type Phase,
  type QuestionName,
  type Questions,
  type Reply,
  type RunLibrary,
  type StoredRun,
} from "../contracts";
import { declareWords } from "./declared-words";
import { deviceStorage } from "./device-storage";
import { ChosenModels, isAddress } from "./model-choice";
import { OwnPairs } from "./own-pairs";
import { OwnTasks } from "./own-tasks";
import { phaseNow, phasesOf } from "./phase-notes";
import { withReplay } from "./place";
import { applyReply, type Failure, initialSession, OF_EVERY_RUN, OF_LOADING, type Session } from "./session";
import {
  complaintAbout,
  DEFAULT_SETUP,
  modelFor,
  type RunSetup,
  runConfig,
  runName,
  settleSetup,
  setupOf,
  shortest,
  writeSetup,
} from "./setup";
import { ShownRun } from "./shown-run";
import type { RunSource, Timeline } from "./source";
import { Sources } from "./sources";
import { NOTHING_SELECTED } from "./stage";
import { StepMode } from "./step-mode";
import { Turns } from "./turns";
import { Whereabouts } from "./whereabouts";

export type { RunSource, Timeline } from "./source";
export type { Explained } from "./stage";
export { StoreController } from "./store-controller";

const NOTHING_YET = { loaded: 0, total: 0 };

/**
 * The page's state and its only connection to the engine. Events are reduced as they arrive; panels draw at most once per frame.
 */
export class Store extends ShownRun {
  session: Session = initialSession;
  readonly ownTasks = new OwnTasks(deviceStorage());
  readonly ownPairs = new OwnPairs(deviceStorage());
  /** An error in a link or form, shown in place. */
  complaint: Failure | null = null;
  /** Start was pressed while the engine was loading. */
  waiting: "start" | "step-phase" | null = null;
  /** The stored run that the next start resumes, unless the setup changes. */
  private resuming: string | null = null;
  /** The visitor's place; the run continues in any view. */
  readonly whereabouts = new Whereabouts(() => this.invalidate());
  private readonly models = new ChosenModels(deviceStorage());
  /** Orders requests to start a run or open a recording: the latest wins. */
  private readonly turns = new Turns();
  private readonly stepMode = new StepMode();
  private readonly sources: Sources;

  constructor(
    engine: RunSource,
    public setup: RunSetup = DEFAULT_SETUP,
    /** The runs stored on this device; null if the page cannot store any. */
    readonly library: RunLibrary | null = null,
  ) {
    super();
    this.sources = new Sources(engine, (reply) => this.receive(reply));
  }

  /**
   * Plays a recorded run once loaded, unless another was requested or a run started meanwhile. Cancels a waiting start.
   * @returns whether it plays
   */
  async open(recording: Promise<RunSource>, how: "start" | "step-phase" = "start"): Promise<boolean> {
    const isWanted = this.turns.take();
    this.waiting = null;
    this.invalidate();
    const source = await recording;
    const plays = isWanted();
    if (plays) this.play(source, how);
    return plays;
  }

  /** Leaves the engine and plays a recorded run from its start, or steps through it. */
  play(source: RunSource, how: "start" | "step-phase" = "start"): void {
    this.turns.take();
    this.send({ type: "stop" });
    const { session, setup } = this;
    this.clear();
    this.session = initialSession;
    this.complaint = null;
    this.setup = source.setup ?? setup;
    this.sources.leaveFor(source, { session, setup });
    this.whereabouts.rewrite(withReplay(location.search, source.link ?? ""));
    this.waiting = how;
    this.invalidate();
  }

  /** Returns from a recorded run to the engine. */
  private comeBack(): void {
    const left = this.sources.comeBack();
    if (!left) return;
    this.whereabouts.rewrite(withReplay(location.search, ""));
    this.session = left.session;
    this.setup = left.setup;
    this.settle();
  }

  /** The recording on screen; null for a run of our own. */
  get timeline(): Timeline | null {
    return this.sources.current.timeline ?? null;
  }

  /** Moves a recorded run to this number of finished steps. */
  seek(step: number): void {
    const { timeline } = this;
    if (!timeline) return;
    this.clear();
    this.discarding = false;
    this.run = timeline.seek(step);
    this.tasks.restart(timeline.until(step));
    this.invalidate();
  }

  /** Play a recorded run at another speed. */
  playAt(speed: number): void {
    if (this.timeline) this.timeline.speed = speed;
    this.invalidate();
  }

  protected override clear(): void {
    super.clear();
    this.waiting = null;
    this.resuming = null;
    this.stepMode.drop();
  }

  /** What is shown of the method that is set up; undefined while the engine has not named it. */
  get methodDisplay(): MethodDisplay | undefined {
    return this.session.methods.find(({ name }) => name === this.setup.method)?.display;
  }

  /** A run needs weights and verifier. */
  get canStart(): boolean {
    return this.session.methods.length > 0 && this.session.failure === null && this.complaint === null;
  }

  /**
   * Loads the model of the setup, as soon as the page opens. A model from elsewhere is downloaded only if the visitor agrees: a
   * link alone must not make the page read from another server.
   */
  load(): void {
    const { failure, progress } = this.session;
    // Any loaded model is now stale.
    this.session = { ...this.session, loaded: null, progress: { ...progress, model: NOTHING_YET } };
    if (failure && OF_LOADING.has(failure.reason)) this.session = { ...this.session, failure: null };
    const complaint = this.models.complaintAbout(this.setup.model);
    if (complaint) this.complaint = complaint;
    else this.sources.engine.send({ type: "load", model: this.modelChoice, lora: this.setup.lora });
    this.invalidate();
  }

  /** Whether a model may be read without asking: what lies at an address waits for the visitor's word. */
  mayRead(choice: ModelChoice): boolean {
    return !isAddress(choice) || this.models.complaintAbout(choice.url) === null;
  }

  /** The model of the setup. */
  get modelChoice(): ModelChoice {
    return this.models.find(this.setup.model);
  }

  /** Selects the model to train; `folder` is the name of its files. */
  useModel(choice: ModelChoice, folder: string): void {
    const model = this.models.choose(choice, folder);
    const resuming = model === this.setup.model ? this.resuming : null;
    // Other files of the same name, another try, or an address that waited for the visitor's word.
    if (model === this.setup.model) this.load();
    this.configure({ model });
    if (resuming === null) return;
    // The run that waited for this model goes on with it.
    this.resuming = resuming;
    this.begin("start");
  }

  start(): void {
    this.begin("start");
  }

  /**
   * Resumes a stored run; replaces what is on screen.
   * @param files of its model, if they had to be chosen again
   */
  goOn(kept: StoredRun, files: readonly File[] = []): void {
    this.reset();
    const { model } = kept.run;
    if (files.length > 0) this.useModel({ files }, chosenFolder(model) ?? model);
    this.configure({ ...shortest(setupOf(kept.run), this.session.methods), adapter: this.setup.adapter });
    this.resuming = kept.id;
    this.whereabouts.show("play");
    this.begin("start");
  }

  /** Takes the GPU from another tab, whose run is stored as it is. */
  takeOver(): void {
    this.sources.engine.send({ type: "take-over" });
  }

  /** Trains on another adapter from now on: the current run is stored, and the model is loaded there. */
  chooseAdapter(adapter: AdapterWish): void {
    if (adapter === this.setup.adapter) return;
    this.configure({ adapter });
    this.session = { ...this.session, failure: null, device: null, loaded: null };
    this.sources.engine.send({ type: "reopen", adapter });
    this.invalidate();
  }

  /** Opens the GPU again after a loss, and resumes the run on screen from its checkpoint, if stored. */
  async recover(): Promise<void> {
    const { kept } = this.session;
    const isWanted = this.turns.take();
    const runs = kept && kept.step !== null ? await this.library?.list() : [];
    if (!isWanted()) return;
    const run = runs?.find(({ id }) => id === kept?.id);
    this.session = { ...this.session, failure: null, loaded: null };
    this.sources.engine.send({ type: "reopen" });
    if (run) this.goOn(run);
    this.invalidate();
  }

  /** Whether the next run may succeed despite this failure. */
  get isPassing(): boolean {
    return this.session.failure !== null && !OF_EVERY_RUN.has(this.session.failure.reason);
  }

  forgetFailure(): void {
    if (this.isPassing) this.session = { ...this.session, failure: null };
    this.invalidate();
  }

  forgetNotice(): void {
    this.session = { ...this.session, notice: null };
    this.invalidate();
  }

  /** Ends the run; it stays on screen and stored. */
  stop(): void {
    this.stepMode.drop();
    this.send({ type: "stop" });
  }

  /** The visitor's answer to what is asked. */
  choose(chosen: Choice): void {
    if (!this.session.asking) return;
    this.session = { ...this.session, asking: null };
    this.send({ type: "choice", chosen });
    this.invalidate();
  }

  pause(): void {
    this.stepMode.drop();
    this.send({ type: "pause" });
  }

  resume(): void {
    this.stepMode.drop();
    this.send({ type: "resume" });
  }

  /** Runs one phase; starts the run if necessary. */
  stepPhase(): void {
    this.stepMode.drop();
    this.advance();
  }

  /** Runs to the end of the next such phase. */
  stepTo(phase: Phase): void {
    this.stepMode.aimAt(phase, phasesOf(this.run, this.methodDisplay).length);
    this.advance();
  }

  private advance(): void {
    if (this.run.status === "running") this.send({ type: "step-phase" });
    else this.begin("step-phase");
  }

  /** Back to step 0 with the loaded weights; the run is discarded. A recorded run is left. */
  reset(): void {
    this.turns.take();
    this.send({ type: "stop" });
    this.discarding = true;
    this.clear();
    this.comeBack();
    this.session = { ...this.session, motion: "idle", asking: null };
    this.forgetFailure();
  }

  /** Changes the setup of the next run; the link follows. */
  configure(change: Partial<RunSetup>): void {
    const { model, lora, unread } = this.setup;
    // A changed setup is a new run, which starts only when asked.
    if (this.resuming !== null) this.waiting = null;
    this.resuming = null;
    // A setting made by hand replaces an invalid one from a link.
    const left = Object.entries(unread).filter(([key]) => !Object.hasOwn(change, key));
    const fitting = change.method ? { model: modelFor(change.method, this.setup, this.session.methods) } : {};
    this.setup = { ...this.setup, unread: Object.fromEntries(left), ...fitting, ...change };
    this.settle();
    this.writeLink();
    // Other adapters, or none, may fit into memory.
    const isAnotherTry = this.setup.lora !== lora && OF_LOADING.has(this.session.failure?.reason ?? "internal");
    if (this.setup.model !== model || (isAnotherTry && this.session.loaded === null)) this.load();
    this.invalidate();
  }

  /** Writes the setup to the page's address, which then reproduces the run. */
  private writeLink(): void {
    this.whereabouts.rewrite(withReplay(writeSetup(this.setup), this.sources.current.link ?? ""));
  }

  /** Shows a problem that does not stop anything, above the view. */
  notify(message: string, hint: string): void {
    this.session = { ...this.session, notice: { message, hint } };
    this.invalidate();
  }

  /** Changes the visitor's tasks; the next run is measured on them. */
  changeOwnTasks(change: (tasks: OwnTasks) => void): void {
    change(this.ownTasks);
    this.invalidate();
  }

  /** Changes the visitor's examples; the next run of a method that learns from examples is shown them. */
  changeOwnPairs(change: (pairs: OwnPairs) => void): void {
    change(this.ownPairs);
    this.invalidate();
  }

  /** The examples that the next run is given: the visitor's, if its method learns from examples. */
  get givenPairs(): readonly PairRow[] {
    return this.learnsFromExamples ? this.ownPairs.pairs : [];
  }

  /** Whether the method of the setup learns from examples. */
  get learnsFromExamples(): boolean {
    const method = this.session.methods.find(({ name }) => name === this.setup.method);
    return method?.display.teacher === "examples";
  }

  private begin(how: "start" | "step-phase"): void {
    if (this.session.failure !== null || this.complaint !== null) return;
    this.turns.take();
    if (this.session.methods.length === 0 || this.session.loaded === null) {
      this.waiting = how;
      this.invalidate();
      return;
    }
    this.waiting = null;
    this.discarding = false;
    this.selection = NOTHING_SELECTED;
    if (this.sources.current.setup === undefined) this.writeLink();
    const run = runConfig(this.setup, this.session.methods);
    const resume = this.resuming === null ? {} : { resume: this.resuming };
    this.resuming = null;
    const [probe, pairs] = [this.ownTasks.tasks, this.givenPairs];
    this.send({ type: "start", run, name: runName(this.setup, this.session.methods), probe, pairs, ...resume });
    if (how === "step-phase") this.send({ type: "step-phase" });
  }

  /** Asks the trainer a question, even during a recording. @throws KelvinError with the reason if there is no answer */
  ask<K extends QuestionName>(question: K, asks: Questions[K]["asks"]): Promise<Questions[K]["answer"]> {
    return this.sources.ask(question, asks);
  }

  private send(command: Command): void {
    this.sources.current.send(command);
  }

  private receive(reply: Reply): void {
    this.session = applyReply(this.session, reply);
    if (reply.type === "event") this.follow(reply.event);
    if (reply.type === "history") for (const event of reply.events) this.follow(event);
    if (reply.type === "paused" && this.stepMode.goesOnAfter(phaseNow(this.run))) this.send({ type: "step-phase" });
    if (reply.type === "ready") this.settle();
    if (reply.type === "ready") for (const { display } of reply.methods) declareWords(display.words);
    if (reply.type === "loaded" && this.waiting) this.begin(this.waiting);
    // A start that waited for this model must not wait for the next.
    if (reply.type === "failure" && OF_LOADING.has(reply.reason))
      Object.assign(this, { waiting: null, resuming: null });
    this.invalidate();
  }

  /** Checks and completes the link, now that methods and device are known. */
  private settle(): void {
    const { model } = this.setup;
    this.setup = settleSetup(this.setup, this.session.methods, this.session.device?.software ?? false);
    if (this.resuming !== null) this.setup = shortest(this.setup, this.session.methods);
    this.complaint = complaintAbout(this.setup, this.session.methods);
    this.complaint ??= this.models.complaintAbout(this.setup.model);
    if (this.setup.model !== model) this.load();
  }
}
