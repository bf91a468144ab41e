import {
  type Command,
  chosenFolder,
  type ModelChoice,
  type Phase,
  type QuestionName,
  type Questions,
  type Reply,
  type RunLibrary,
  type StoredRun,
} from "../contracts";
import { deviceStorage } from "./device-storage";
import { ChosenModels } from "./model-choice";
import { OwnTasks } from "./own-tasks";
import { phaseNow } from "./phase-notes";
import { withReplay } from "./place";
import { applyReply, type Failure, initialSession, OF_EVERY_RUN, OF_LOADING, type Session } from "./session";
import {
  complaintAbout,
  DEFAULT_SETUP,
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

/** The page's state and its one way to the engine. Events are reduced as they come; panels draw at most once a frame. */
export class Store extends ShownRun {
  session: Session = initialSession;
  readonly ownTasks = new OwnTasks(deviceStorage());
  /** What a link or a form got wrong; shown in place. */
  complaint: Failure | null = null;
  /** Start was pressed while the engine was still loading. */
  waiting: "start" | "step-phase" | null = null;
  /** The kept run that the next start goes on with, unless something else is set up. */
  private resuming: string | null = null;
  /** The run goes on wherever the visitor looks. */
  readonly whereabouts = new Whereabouts(() => this.invalidate());
  private readonly models = new ChosenModels();
  /** Taken by whatever begins a run or asks for a recording. */
  private readonly turns = new Turns();
  private readonly stepMode = new StepMode();
  private readonly sources: Sources;

  constructor(
    engine: RunSource,
    public setup: RunSetup = DEFAULT_SETUP,
    /** The runs kept on this device; null where the page has no device to keep them on. */
    readonly library: RunLibrary | null = null,
  ) {
    super();
    this.sources = new Sources(engine, (reply) => this.receive(reply));
  }

  /**
   * Play a recorded run once it is here, unless another was asked for or a run begun meanwhile. What waited to begin gives way.
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

  /** Leave the engine and play a recorded run from its beginning, or step through it. */
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

  /** Back from a recorded run to the engine as it was left. */
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

  /** Move a recorded run to where so many steps were finished. */
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

  /** Nothing can be started before weights and verifier are there. */
  get canStart(): boolean {
    return this.session.methods.length > 0 && this.session.failure === null && this.complaint === null;
  }

  /**
   * Fetch the model of the setup; the page does so at once, so that Start finds it ready. A model from elsewhere is
   * fetched only when the visitor says so: a link alone must not make the page read from there.
   */
  load(): void {
    const { failure, progress } = this.session;
    // Whatever is loaded is not this one.
    this.session = { ...this.session, loaded: null, progress: { ...progress, model: NOTHING_YET } };
    if (failure && OF_LOADING.has(failure.reason)) this.session = { ...this.session, failure: null };
    const complaint = this.models.complaintAbout(this.setup.model);
    if (complaint) this.complaint = complaint;
    else this.sources.engine.send({ type: "load", model: this.modelChoice, lora: this.setup.lora });
    this.invalidate();
  }

  /** The model of the setup. */
  get modelChoice(): ModelChoice {
    return this.models.find(this.setup.model);
  }

  /** Train this model from now on; `folder` is what files are called. */
  useModel(choice: ModelChoice, folder: string): void {
    const model = this.models.choose(choice, folder);
    // Other files of the same name, or another try.
    if (model === this.setup.model) this.load();
    this.configure({ model });
  }

  start(): void {
    this.begin("start");
  }

  /**
   * Go on with a kept run where it was left; what is on screen now gives way to it.
   * @param files of its model, where they have to be chosen again
   */
  goOn(kept: StoredRun, files: readonly File[] = []): void {
    this.reset();
    const { model } = kept.run;
    // It was trained from there on this device before.
    this.models.agree(model);
    if (files.length > 0) this.useModel({ files }, chosenFolder(model) ?? model);
    this.configure(shortest(setupOf(kept.run), this.session.methods));
    this.resuming = kept.id;
    this.whereabouts.show("play");
    this.begin("start");
  }

  /** End another tab's hold on the GPU; its run is kept where it stands. */
  takeOver(): void {
    this.sources.engine.send({ type: "take-over" });
  }

  /** Open the GPU again after it was lost, and go on with the run on screen from where it was kept, if it was. */
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

  /** A failure that the next run need not meet again. */
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

  /** A person ends the run; it stays on screen, and is kept. */
  stop(): void {
    this.stepMode.drop();
    this.send({ type: "stop" });
  }

  pause(): void {
    this.stepMode.drop();
    this.send({ type: "pause" });
  }

  resume(): void {
    this.stepMode.drop();
    this.send({ type: "resume" });
  }

  /** One phase onwards; begins the run where there is none. */
  stepPhase(): void {
    this.stepMode.drop();
    this.advance();
  }

  /** Onwards to the end of the next such phase. */
  stepTo(phase: Phase): void {
    this.stepMode.aimAt(phase);
    this.advance();
  }

  private advance(): void {
    if (this.run.status === "running") this.send({ type: "step-phase" });
    else this.begin("step-phase");
  }

  /** Back to step 0 with the weights that were loaded; nothing is kept of the run. A recorded run is left. */
  reset(): void {
    this.turns.take();
    this.send({ type: "stop" });
    this.discarding = true;
    this.clear();
    this.comeBack();
    this.session = { ...this.session, motion: "idle" };
    this.forgetFailure();
  }

  /** Change what the next run will be; the link follows. */
  configure(change: Partial<RunSetup>): void {
    const { model, lora, unread } = this.setup;
    // Another run than the kept one: it begins when it is asked for.
    if (this.resuming !== null) this.waiting = null;
    this.resuming = null;
    // What is set by hand takes the place of what a link got wrong.
    const left = Object.entries(unread).filter(([key]) => !Object.hasOwn(change, key));
    this.setup = { ...this.setup, unread: Object.fromEntries(left), ...change };
    this.settle();
    this.writeLink();
    // What found no room with these adapters may find it with others, or without.
    const isAnotherTry = this.setup.lora !== lora && OF_LOADING.has(this.session.failure?.reason ?? "internal");
    if (this.setup.model !== model || (isAnotherTry && this.session.loaded === null)) this.load();
    this.invalidate();
  }

  /** The address of the page reproduces the run. */
  private writeLink(): void {
    this.whereabouts.rewrite(withReplay(writeSetup(this.setup), this.sources.current.link ?? ""));
  }

  /** Something went wrong beside the run: said above the view, and everything else goes on. */
  notify(message: string, hint: string): void {
    this.session = { ...this.session, notice: { message, hint } };
    this.invalidate();
  }

  /** Keep or drop a task of the visitor's; the next run is measured on those that there are. */
  changeOwnTasks(change: (tasks: OwnTasks) => void): void {
    change(this.ownTasks);
    this.invalidate();
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
    const probe = this.ownTasks.tasks;
    this.send({ type: "start", run, name: runName(this.setup, this.session.methods), probe, ...resume });
    if (how === "step-phase") this.send({ type: "step-phase" });
  }

  /** Ask the trainer something beside the run, recorded or not. @throws KelvinError saying why there is no answer */
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
    if (reply.type === "loaded" && this.waiting) this.begin(this.waiting);
    // What waited for this model does not wait for the next.
    if (reply.type === "failure" && OF_LOADING.has(reply.reason))
      Object.assign(this, { waiting: null, resuming: null });
    this.invalidate();
  }

  /** Now that methods and device are known, the link can be checked and completed. */
  private settle(): void {
    this.setup = settleSetup(this.setup, this.session.methods, this.session.device?.software ?? false);
    if (this.resuming !== null) this.setup = shortest(this.setup, this.session.methods);
    this.complaint = complaintAbout(this.setup, this.session.methods);
    this.complaint ??= this.models.complaintAbout(this.setup.model);
  }
}
