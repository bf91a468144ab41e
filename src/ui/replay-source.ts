import { type Command, isLogged, type MethodInfo, type Reply, type TrainEvent } from "../contracts";
import { PaceControl } from "../telemetry/pace";
import { DEFAULT_SETUP, type RunSetup } from "./setup";
import type { RunSource } from "./store";

type RunStart = Extract<TrainEvent, { readonly type: "run.start" }>;

/** Plays a recorded run as if it were happening: the same commands, the same replies, at `speed` times its pace. */
export class ReplaySource implements RunSource {
  private reply: (reply: Reply) => void = () => {};
  private pace: PaceControl | null = null;

  /** @param events a log as `parseLog` returns it, `run.start` first. */
  constructor(
    private readonly events: readonly TrainEvent[],
    private readonly speed: number,
  ) {}

  get setup(): RunSetup {
    const [first] = this.events;
    if (first?.type !== "run.start") return DEFAULT_SETUP;
    return { ...DEFAULT_SETUP, method: first.method, seed: first.seed, steps: first.steps };
  }

  listen(onReply: (reply: Reply) => void): void {
    this.reply = onReply;
    const [first] = this.events;
    if (first?.type !== "run.start") return;
    queueMicrotask(() => this.announce(first));
  }

  send(command: Command): void {
    const paces = { pause: "pause", resume: "run", "step-phase": "phase", step: "step" } as const;
    if (command.type === "start") void this.play();
    else if (command.type === "stop") this.pace?.stop();
    else if (command.type !== "load") this.pace?.set(paces[command.type]);
  }

  private announce(start: RunStart): void {
    const device = {
      description: start.device,
      vendor: "",
      architecture: "",
      software: false,
      features: [],
      limits: {},
    };
    this.reply({ type: "ready", methods: [recordedMethod(start)], device });
    this.reply({ type: "loaded", model: start.model, bytesOnDevice: 0, card: null });
  }

  private async play(): Promise<void> {
    this.pace?.stop();
    const pace = new PaceControl(
      (step) => this.reply({ type: "paused", step }),
      () => this.reply({ type: "running" }),
    );
    this.pace = pace;
    let clock = 0;
    for (const event of this.events) {
      const due = event.type === "run.start" ? 0 : event.ms;
      if (due > clock) await sleep((due - clock) / this.speed);
      clock = Math.max(clock, due);
      this.reply({ type: "event", event });
      if (isLogged(event) && !(await pace.after(event))) return;
    }
  }
}

function recordedMethod({ method }: RunStart): MethodInfo {
  return { name: method, title: method, summary: "A recorded run.", defaults: {}, describe: {}, presets: {} };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
