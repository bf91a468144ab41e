import { type Command, isLogged, type MethodInfo, type Reply, type TrainEvent } from "../contracts";
import { Milestones } from "../telemetry/milestones";
import { displayIn } from "../telemetry/older-logs";
import { PaceControl } from "../telemetry/pace";
import type { RunState } from "../telemetry/state";
import { plural } from "./format";
import { ReplayClock } from "./replay-clock";
import { DEFAULT_SETUP, type RunSetup } from "./setup";
import type { RunSource, Timeline } from "./source";

type RunStart = Extract<TrainEvent, { readonly type: "run.start" }>;

/** Longest sleep; pause, seek and speed take effect within it. */
const NAP_MS = 50;

/** Plays a recorded run like a live one: same commands and replies, at `speed` times its speed. */
export class ReplaySource implements RunSource, Timeline {
  /** Its name in links; "" for a file. */
  link = "";
  private reply: (reply: Reply) => void = () => {};
  private pace: PaceControl | null = null;
  private clock: ReplayClock | null = null;
  private moving = false;
  private readonly milestones: Milestones;

  /** @param events a log from `readRecording`, with `run.start` first. */
  constructor(
    private readonly events: readonly TrainEvent[],
    private rate: number,
  ) {
    this.milestones = new Milestones(events);
  }

  get setup(): RunSetup {
    const [first] = this.events;
    if (first?.type !== "run.start") return DEFAULT_SETUP;
    return { ...DEFAULT_SETUP, method: first.method, seed: first.seed, steps: first.steps };
  }

  get timeline(): Timeline {
    return this;
  }

  get steps(): number {
    return this.milestones.steps;
  }

  get speed(): number {
    return this.rate;
  }

  set speed(speed: number) {
    this.rate = speed;
    if (this.clock) this.clock.speed = speed;
  }

  listen(onReply: (reply: Reply) => void): void {
    this.reply = onReply;
    const [first] = this.events;
    if (first?.type !== "run.start") return;
    queueMicrotask(() => this.announce(first));
  }

  send(command: Command): void {
    const paces = { pause: "pause", resume: "run", "step-phase": "phase", step: "step" } as const;
    // Other commands need a model or a device, which a recording does not have.
    if (command.type === "start") void this.play(0);
    else if (command.type === "stop") this.stop();
    else if (command.type in paces) this.pace?.set(paces[command.type as keyof typeof paces]);
  }

  /** The run's state after `step` finished steps. Playing continues from there if it was on. */
  seek(step: number): RunState {
    const { moving, milestones } = this;
    const state = milestones.stateAt(step);
    void this.play(milestones.indexAt(step), moving ? null : state.current.step);
    return state;
  }

  until(step: number): readonly TrainEvent[] {
    return this.events.slice(0, this.milestones.indexAt(step));
  }

  private stop(): void {
    this.moving = false;
    this.pace?.stop();
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
    void this.milestones.prepare();
  }

  /** Plays from an event on; first pauses in step `held`, unless that is null. */
  private async play(from: number, held: number | null = null): Promise<void> {
    this.pace?.stop();
    const clock = new ReplayClock(from === 0 ? 0 : timeOf(this.events[from - 1]), this.rate);
    const pace = this.controlled(clock);
    this.pace = pace;
    this.clock = clock;
    this.moving = true;
    if (held !== null) pace.set("pause");
    if (held !== null && !(await pace.after({ type: "seek", step: held }))) return;
    for (const event of this.events.slice(from)) {
      if (!(await this.await(event, clock, pace))) return;
      this.reply({ type: "event", event });
      if (isLogged(event) && !(await pace.after(event))) return;
    }
    this.moving = false;
    if (this.events.at(-1)?.type !== "run.end") this.reply({ type: "event", event: this.cutEnd() });
  }

  /** Makes up the end of a run whose tab was closed; otherwise the page would wait for it forever. */
  private cutEnd(): TrainEvent {
    const last = this.events.at(-1);
    const step = last && "step" in last ? last.step : 0;
    const message = `The recording ends here, after ${plural(this.steps, "step")}: its run had not ended.`;
    return { type: "run.end", reason: "stopped", message, step, ms: timeOf(last) };
  }

  private controlled(clock: ReplayClock): PaceControl {
    const rest = (step: number) => {
      this.moving = false;
      clock.hold();
      this.reply({ type: "paused", step });
    };
    const go = () => {
      this.moving = true;
      clock.go();
      this.reply({ type: "running" });
    };
    return new PaceControl(rest, go);
  }

  /** Waits until an event is due, in short sleeps so that commands take effect; false if the run was stopped. */
  private async await(event: TrainEvent, clock: ReplayClock, pace: PaceControl): Promise<boolean> {
    const waiting = { type: "waiting", step: "step" in event ? event.step : 0 };
    for (let rest = clock.until(timeOf(event)); rest > 0; rest = clock.until(timeOf(event))) {
      await sleep(Math.min(NAP_MS, rest));
      if (pace.wasStopped || !(await pace.after(waiting))) return false;
    }
    return true;
  }
}

function timeOf(event: TrainEvent | undefined): number {
  return event && "ms" in event ? event.ms : 0;
}

function recordedMethod(start: RunStart): MethodInfo {
  const display = displayIn(start);
  return {
    name: start.method,
    title: display.title,
    summary: "A recorded run.",
    defaults: {},
    describe: {},
    presets: {},
    display,
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
