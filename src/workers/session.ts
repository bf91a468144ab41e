/** One trainer: opens device, model and verifier at the same time and runs one run at a time. */
import {
  type AdapterWish,
  type Ask,
  type Command,
  KelvinError,
  type LoraConfig,
  type NoVerifier,
  type QuestionName,
  type Reply,
  type Verifier,
} from "../contracts";
import { METHODS, methodInfo } from "../methods";
import { type Engine, openEngine } from "../model/engine";
import { PaceControl } from "../telemetry/pace";
import { verifierOverPort } from "../verify/port";
import { ANSWERS, type Resting, type Trainer } from "./answers";
import { Chooser } from "./chooser";
import { DeviceClaim } from "./claim";
import { CurrentModel } from "./current-model";
import { failureOf, refusalOf } from "./failure";
import { Interludes } from "./interludes";
import { openAdapter } from "./open-device";
import { baseOf, loadedReply, type Prepared, type Preparing, prepare } from "./prepare";
import { tuningStore } from "./tuning-store";

type Start = Extract<Command, { readonly type: "start" }>;

/** The loop, the methods and the recorder: loaded when a run starts. */
const loop = () =>
  import("./one-run").catch(() => {
    throw new KelvinError(
      "input",
      "A part of Kelvin could not be fetched.",
      "Press Start again when the page can be reached.",
    );
  });

const PACE = { pause: "pause", resume: "run", "step-phase": "phase", step: "step" } as const;

const WAIT = new KelvinError(
  "occupied",
  "Another tab of this page holds the device.",
  "Take it over on Play, or go on there. A run that is on there is kept where it stands.",
);
const TAKEN = new KelvinError(
  "occupied",
  "Another tab has taken the device over.",
  "The run of this tab was kept; take the device back on Play to go on with it under Runs.",
);

/** Questions that need the device, which another tab may hold for hours. */
const OF_DEVICE: ReadonlySet<QuestionName> = new Set(["inspect", "kernels", "heldOut", "compare", "exported"]);

/** Browsers stop giving devices to pages whose devices are lost repeatedly. */
const NO_OTHER = new KelvinError(
  "no-webgpu",
  "The GPU was lost, and the browser gives this page no other.",
  "Close the browser and open it again to train. What was learned up to the last checkpoint is under Runs.",
);

/** The trainer's side of the page: one device, one model, one run at a time. */
export class TrainerSession implements Trainer, Preparing {
  engine: Promise<Engine>;
  readonly verifier: Promise<Verifier>;
  private readonly claim = new DeviceClaim(() => void this.yieldDevice());
  private givePort: (port: MessagePort) => void = () => {};
  private refusePort: (why: KelvinError) => void = () => {};
  private readonly models = new CurrentModel<Prepared>({
    prepare: (choice) => prepare(choice, this.lora, this),
    idle: () => this.running,
    tell: (prepared) => this.post(loadedReply(prepared)),
    fail: (error) => this.fail(error),
  });
  /** Adapters that the loaded model has room for; null if it has room for training all weights. */
  private lora: LoraConfig | null = null;
  private pace: PaceControl | null = null;
  /** Why this tab waits for the device; null if no other tab has it. */
  private occupied: KelvinError | null = null;
  /** Whether a device was opened before. */
  private hadDevice = false;
  /** The current run; a new one waits for its end. */
  private running: Promise<void> = Promise.resolve();
  private readonly interludes = new Interludes();
  private readonly chooser: Chooser;

  /**
   * @param root the page's folder, with a slash at its end
   * @param adapter where to train
   */
  constructor(
    readonly root: URL,
    readonly post: (reply: Reply) => void,
    private adapter: AdapterWish = "auto",
  ) {
    this.chooser = new Chooser(post);
    this.engine = this.open(WAIT);
    const port = new Promise<MessagePort>((resolve, reject) => {
      this.givePort = resolve;
      this.refusePort = reject;
    });
    this.verifier = port.then((given) =>
      verifierOverPort(given, { notice: (message) => this.post({ type: "notice", message, hint: "" }) }),
    );
    // Those who await these report the failure; this avoids unhandled rejections.
    this.verifier.catch(() => {});
  }

  /** Receives the page's port to the jail. */
  connect(port: MessagePort): void {
    this.givePort(port);
  }

  /** There will be no port: the verifier rejects with this reason. */
  disconnect({ message, hint }: NoVerifier): void {
    this.refusePort(new KelvinError("verifier", message, hint));
  }

  handle(command: Command): void {
    switch (command.type) {
      case "load":
        this.lora = command.lora;
        this.models.load(command.model);
        return;
      case "start":
        this.start(command);
        return;
      case "ask":
        void this.answer(command);
        return;
      case "take-over":
        this.claim.seize();
        return;
      case "reopen":
        void this.reopen(command.adapter);
        return;
      case "stop":
        this.endRun();
        return;
      case "choice":
        this.chooser.choose(command.chosen);
        return;
      default:
        this.pace?.set(PACE[command.type]);
    }
  }

  private async answer<K extends QuestionName>({ id, question, asks }: Ask<K>): Promise<void> {
    try {
      if (this.occupied && OF_DEVICE.has(question)) throw this.occupied;
      this.post({ type: "answer", id, answer: await ANSWERS[question](asks, this) });
    } catch (error) {
      this.post({ type: "refusal", id, ...refusalOf(error) });
    }
  }

  readonly loaded = async () =>
    this.occupied ? null : ((await this.models.demand().catch(() => null))?.model ?? null);

  readonly suites = async () => (await this.models.demand()).suites;

  /** A run that is paused in the middle of a step first finishes the step, then pauses again. */
  readonly betweenSteps = <T>(work: (resting: Resting) => Promise<T>): Promise<T> => {
    if (!this.interludes.isOpen && this.pace?.isHeld) this.pace.set("step");
    return this.interludes.run(async () => {
      const [prepared, { device }] = await Promise.all([this.models.demand(), this.engine]);
      const { gate } = device;
      // A pause blocks the run's own device work, not this work.
      device.gate = async () => {};
      try {
        return await work({ model: prepared.model, steps: prepared.steps, base: () => baseOf(prepared) });
      } finally {
        device.gate = gate;
      }
    });
  };

  /** Opens the device as soon as this tab may; until then the page is told why it waits. */
  private open(waiting: KelvinError): Promise<Engine> {
    const engine = this.openDevice(() => {
      this.occupied = waiting;
      this.fail(waiting);
    });
    engine.catch((error: unknown) => this.fail(error));
    return engine;
  }

  private async openDevice(onWait: () => void): Promise<Engine> {
    await this.claim.take(onWait);
    this.occupied = null;
    const adapter = await openAdapter(this.adapter).catch((error: unknown) => {
      throw this.hadDevice && this.adapter === "gpu" ? NO_OTHER : error;
    });
    const engine = await openEngine(adapter, { tuning: tuningStore() });
    this.hadDevice = true;
    void engine.device.lost.then(() => this.lost(engine));
    this.post({ type: "ready", methods: METHODS.map(methodInfo), device: engine.info });
    return engine;
  }

  /** The device was lost by itself. Pending work rejects; the page is told in any case. */
  private lost({ device }: Engine): void {
    try {
      device.check();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Opens another device after a loss, once the interrupted run is recorded. */
  private async reopen(adapter = this.adapter): Promise<void> {
    this.endRun();
    await this.running;
    if (adapter !== this.adapter) (await this.engine.catch(() => null))?.device.close();
    this.adapter = adapter;
    this.engine = this.open(WAIT);
    this.models.reload();
  }

  /** Another tab takes the GPU: records the run as it is, releases the device and waits for it again. */
  private async yieldDevice(): Promise<void> {
    this.endRun();
    await this.running;
    // A device that failed to open is tried again later.
    const engine = await this.engine.catch(() => null);
    engine?.device.close();
    this.engine = this.open(TAKEN);
    this.models.reload();
  }

  /** Creates the pace at once: commands right after "start" are meant for this run. */
  private start(command: Start): void {
    this.endRun();
    const pace = new PaceControl(
      (step) => this.post({ type: "paused", step }),
      () => this.post({ type: "running" }),
    );
    this.pace = pace;
    this.running = this.running.then(() => this.run(command, pace)).catch((error: unknown) => this.fail(error));
  }

  private async run({ run, name, resume, probe = [], pairs = [] }: Start, pace: PaceControl): Promise<void> {
    const { interludes } = this;
    const [prepared, engine, verifier] = await Promise.all([this.models.demand(), this.engine, this.verifier]);
    await interludes.end();
    try {
      const parts = { config: run, name, resume, probe, pairs, prepared, engine, verifier, interludes };
      const person = this.chooser.ask;
      const { follow } = await loop();
      await follow({ ...parts, person }, pace, this.post);
    } finally {
      void interludes.begin();
    }
  }

  /** At its next event, or where it waits for the visitor. */
  private endRun(): void {
    this.pace?.stop();
    this.chooser.dismiss();
  }

  private fail(error: unknown): void {
    this.post(failureOf(error));
  }
}
