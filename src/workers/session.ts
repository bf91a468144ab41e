/** One trainer: device, model and verifier opened side by side, one run at a time over them. */
import {
  type Ask,
  type Command,
  KelvinError,
  type Policy,
  type QuestionName,
  type Reply,
  type RunConfig,
  type Task,
  type TrainEvent,
  type Verifier,
} from "../contracts";
import { normalizeTasks, type Suite } from "../evaluate/suite";
import { configure, findMethod, METHODS, methodInfo } from "../methods";
import { type Engine, type LoadedModel, type ModelFiles, openEngine } from "../model/engine";
import { readSafetensors } from "../model/safetensors";
import { heldOutSet } from "../tasks/held-out";
import { PaceControl } from "../telemetry/pace";
import { needsReference, train, type World } from "../train";
import { verifierOverPort } from "../verify/port";
import { ANSWERS, type Resting, type Trainer } from "./answers";
import { fetchCandidates, fetchCard, fetchModel, fetchSuites } from "./fetch-model";
import { Interludes } from "./interludes";
import { canRead } from "./judge";

/** A model with everything that was fetched with it. */
interface Prepared {
  readonly files: ModelFiles;
  readonly suites: readonly Suite[];
  /** What 1-shot RLVR chooses its example from. */
  readonly examples: readonly Task[];
  model: LoadedModel;
  /** A run has trained it: the next one begins with fresh weights. */
  trained: boolean;
  /** Finished steps of the weights. */
  steps: number;
  /** The weights as they were loaded, once somebody asked to compare with them. */
  base: Policy | null;
}

const PACE = { pause: "pause", resume: "run", "step-phase": "phase", step: "step" } as const;

export class TrainerSession implements Trainer {
  readonly engine: Promise<Engine>;
  readonly verifier: Promise<Verifier>;
  private givePort: (port: MessagePort) => void = () => {};
  private prepared: Promise<Prepared> | null = null;
  private pace: PaceControl | null = null;
  /** The run under way; a new one waits for its end. */
  private running: Promise<void> = Promise.resolve();
  private readonly interludes = new Interludes();

  /** @param root the folder the page lies in, with a slash at its end */
  constructor(
    private readonly root: URL,
    private readonly post: (reply: Reply) => void,
  ) {
    this.engine = this.open();
    const port = new Promise<MessagePort>((resolve) => {
      this.givePort = resolve;
    });
    this.verifier = port.then((given) => verifierOverPort(given));
    // Whoever awaits these reports the failure; alone it must not end the worker.
    this.verifier.catch(() => {});
    this.engine.catch((error: unknown) => this.fail(error));
  }

  /** The page's end of the jail has come. */
  connect(port: MessagePort): void {
    this.givePort(port);
  }

  handle(command: Command): void {
    switch (command.type) {
      case "load":
        this.prepared = this.load(command.model);
        this.prepared.catch((error: unknown) => this.fail(error));
        return;
      case "start":
        this.start(command.run, command.probe ?? []);
        return;
      case "ask":
        void this.answer(command);
        return;
      case "stop":
        this.pace?.stop();
        return;
      default:
        this.pace?.set(PACE[command.type]);
    }
  }

  private async answer<K extends QuestionName>({ id, question, asks }: Ask<K>): Promise<void> {
    try {
      this.post({ type: "answer", id, answer: await ANSWERS[question](asks, this) });
    } catch (error) {
      const { reason, message, hint } = failureOf(error);
      this.post({ type: "refusal", id, reason, message, hint });
    }
  }

  readonly loaded = async () => (await this.prepared?.catch(() => null))?.model ?? null;

  readonly suites = async () => (await this.demandModel()).suites;

  /** A run that rests in the middle of a step finishes it first, and rests again. */
  readonly betweenSteps = <T>(work: (resting: Resting) => Promise<T>): Promise<T> => {
    if (!this.interludes.isOpen && this.pace?.isHeld) this.pace.set("step");
    return this.interludes.run(async () => {
      const prepared = await this.demandModel();
      return work({ model: prepared.model, steps: prepared.steps, base: () => baseOf(prepared) });
    });
  };

  private async demandModel(): Promise<Prepared> {
    if (!this.prepared) throw new KelvinError("model", "No model is loaded.", "Choose one on Play.");
    return this.prepared;
  }

  private async open(): Promise<Engine> {
    const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
    if (!adapter) throw new KelvinError("no-webgpu", "This browser offers no GPU adapter.");
    const engine = await openEngine(adapter);
    this.post({ type: "ready", methods: METHODS.map(methodInfo), device: engine.device });
    return engine;
  }

  private async load(name: string): Promise<Prepared> {
    const progress = (loaded: number, total: number) => this.post({ type: "progress", what: "model", loaded, total });
    const tasks = this.fetchTasks(name);
    // The model may fail first; then nobody awaits the tasks, and their failure says nothing new.
    tasks.catch(() => {});
    const [engine, files, card] = await Promise.all([
      this.engine,
      fetchModel(this.root, name, progress),
      fetchCard(this.root, name),
    ]);
    const [model, fetched] = await Promise.all([this.build(engine, files), tasks]);
    this.post({ type: "loaded", model: model.info, bytesOnDevice: model.bytesOnDevice, card });
    return { files, ...fetched, model, trained: false, steps: 0, base: null };
  }

  private async build(engine: Engine, files: ModelFiles): Promise<LoadedModel> {
    const model = await engine.loadModel(files);
    const total = engine.gpu.counters.pipelines;
    this.post({ type: "progress", what: "kernels", loaded: total, total });
    return model;
  }

  /** Everything that is not weights: suites and examples, their programs normalised by the verifier. */
  private async fetchTasks(model: string): Promise<Pick<Prepared, "suites" | "examples">> {
    const fetched = Promise.all([fetchSuites(this.root, model), fetchCandidates(this.root)]);
    const [[suites, candidates], verifier] = await Promise.all([fetched, this.verifier]);
    const normalized: Suite[] = [];
    for (const { name, tasks } of suites) normalized.push({ name, tasks: await normalizeTasks(verifier, tasks) });
    return { suites: normalized, examples: await normalizeTasks(verifier, candidates.tasks) };
  }

  /** The pace exists at once: commands that follow on the heels of "start" are meant for this run. */
  private start(config: RunConfig, probe: readonly Task[]): void {
    this.pace?.stop();
    const pace = new PaceControl(
      (step) => this.post({ type: "paused", step }),
      () => this.post({ type: "running" }),
    );
    this.pace = pace;
    this.running = this.running.then(() => this.run(config, probe, pace)).catch((error: unknown) => this.fail(error));
  }

  private async run(config: RunConfig, probe: readonly Task[], pace: PaceControl): Promise<void> {
    await this.interludes.end();
    try {
      await this.runAlone(config, probe, pace);
    } finally {
      void this.interludes.begin();
    }
  }

  private async runAlone(config: RunConfig, probe: readonly Task[], pace: PaceControl): Promise<void> {
    const method = findMethod(config.method);
    const settings = configure(method, config.overrides);
    const prepared = await this.freshModel();
    const withReference = needsReference(method.loss(settings));
    const world = await this.world(prepared, probe, withReference);
    prepared.trained = true;
    let last = { step: 0, ms: 0 };
    try {
      for await (const event of train(method, settings, config, world)) {
        this.post({ type: "event", event });
        if (event.type !== "run.start") last = event;
        if (!(await this.moveOn(event, prepared, pace))) break;
      }
      if (pace.wasStopped) this.end(last, "stopped");
    } catch (error) {
      this.end(last, "failed", error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  /** Waits until the next event is wanted; whoever asked for the model has it while a step has just ended. */
  private async moveOn(event: TrainEvent, prepared: Prepared, pace: PaceControl): Promise<boolean> {
    if (event.type !== "step.end" && event.type !== "step.skip") return pace.after(event);
    prepared.steps = event.step + 1;
    await this.interludes.begin();
    const goesOn = await pace.after(event);
    await this.interludes.end();
    return goesOn;
  }

  private end({ step, ms }: { step: number; ms: number }, reason: "stopped" | "failed", message?: string): void {
    const event: TrainEvent = { type: "run.end", reason, step, ms, ...(message === undefined ? {} : { message }) };
    this.post({ type: "event", event });
  }

  private async freshModel(): Promise<Prepared> {
    if (!this.prepared) throw new Error("start before load");
    const prepared = await this.prepared;
    if (prepared.trained) {
      prepared.model.destroy();
      prepared.model = await (await this.engine).loadModel(prepared.files);
      prepared.base = null;
      prepared.steps = 0;
    }
    prepared.model.resetOptimizer();
    return prepared;
  }

  private async world(
    { model, suites: shipped, examples }: Prepared,
    probe: readonly Task[],
    withReference: boolean,
  ): Promise<World> {
    const [engine, verifier] = await Promise.all([this.engine, this.verifier]);
    const reference = withReference ? await model.freezeReference() : undefined;
    const suites = [...shipped, ...probeSuite(model, probe)];
    return {
      policy: model,
      learner: model,
      verifier,
      // Every suite costs as much as several steps where a processor stands in for the GPU.
      suites: engine.device.software ? suites.filter(({ probe }, index) => probe || index === 0) : suites,
      heldOut: heldOutSet(suites.flatMap(({ tasks }) => tasks)),
      seedTasks: examples,
      model: model.info,
      device: engine.device.description,
      kernels: engine.kernels,
      now: () => performance.now(),
      ...(reference ? { reference } : {}),
    };
  }

  private fail(error: unknown): void {
    this.post(failureOf(error));
  }
}

/** The policy as it was loaded: itself before any run, else its own weights again, kept until the model is replaced. */
function baseOf(prepared: Prepared): Policy {
  if (!prepared.trained) return prepared.model;
  prepared.base ??= prepared.model.freezeWeights(readSafetensors(prepared.files.weights).tensors);
  return prepared.base;
}

/** The visitor's own tasks as a suite; those that this model cannot read are left out, as the suite's count says. */
function probeSuite(policy: Policy, tasks: readonly Task[]): Suite[] {
  const readable = tasks.filter((task) => canRead(policy, task));
  return readable.length > 0 ? [{ name: "your-tasks", tasks: readable, probe: true }] : [];
}

/** The page keeps no checkpoints: it says what a reload brings back and what it does not. */
const LOST = "Reload the page to open it again. The weights of this run are gone; its curves stay here until then.";

/** Environment failures carry their own words; anything else is a mistake of ours and says so. */
function failureOf(error: unknown): Extract<Reply, { type: "failure" }> {
  if (error instanceof KelvinError) {
    const reason = error.reason === "input" ? "config" : error.reason;
    const hint = reason === "device-lost" ? LOST : error.hint;
    return { type: "failure", reason, message: error.message, hint };
  }
  const message = error instanceof Error ? error.message : String(error);
  const hint = "This is a mistake in Kelvin. Reload the page to begin again.";
  return { type: "failure", reason: "internal", message: `Training stopped: ${message}`, hint };
}
