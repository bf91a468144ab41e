import type { Json, ModelInfo, SuiteResult, Task } from "./data";
import type { TrainEvent } from "./events";
import type { LoraConfig } from "./lora";
import type { MethodConfig } from "./method";
import type { Answer, Ask } from "./questions";

/** How one run is set up; what the URL and `events.jsonl` carry. */
export interface RunConfig {
  readonly method: string;
  /** Model folder below `models/`, an address, or a folder path in Node; `files:NAME` for files the visitor chose. */
  readonly model: string;
  readonly seed: number;
  readonly steps: number;
  /** Overrides of the method's defaults. */
  readonly overrides: MethodConfig;
  /** Held-out tasks per type to evaluate on before, every `evaluateEvery` steps, and after; 0 switches it off. */
  readonly evaluateTasks: number;
  readonly evaluateEvery: number;
  /** Train only adapters on a frozen base; absent, the whole model is trained. */
  readonly lora?: LoraConfig;
  /** Prompts stand by themselves although the model has a chat template; absent, it is used. */
  readonly chat?: "off";
}

/**
 * A model: one that lies below `models/`, by name; the files of a folder the visitor chose or dropped; or a folder on a
 * server (a repository of the Hugging Face Hub by its page), fetched once and kept on the device.
 */
export type ModelChoice = string | { readonly files: readonly File[] } | { readonly url: string };

/** A model that was fetched from a server, whole or in part, and is kept on this device. */
export interface ModelDownload {
  /** Its folder: what loads it again. */
  readonly url: string;
  readonly name: string;
  readonly bytes: number;
}

/** Down: page → trainer worker. */
export type Command =
  /** With room for what will be trained, adapters only or all of it. Answered by "progress" and "loaded", or by a "failure" that leaves the model before as it was. */
  | { readonly type: "load"; readonly model: ModelChoice; readonly lora: LoraConfig | null }
  /**
   * `name` is what the run is called in the list, `resume` a kept run to go on with, `probe` the visitor's own tasks,
   * measured at every evaluation and never trained on.
   */
  | {
      readonly type: "start";
      readonly run: RunConfig;
      readonly name: string;
      readonly resume?: string;
      readonly probe?: readonly Task[];
    }
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  /** Run on to the end of the current (or next) phase, then pause. */
  | { readonly type: "step-phase" }
  /** Run on to the end of the current (or next) step, then pause. */
  | { readonly type: "step" }
  | { readonly type: "stop" }
  /** Another tab holds the GPU: take it over; that tab's run is kept where it stands. */
  | { readonly type: "take-over" }
  /** The device was lost: open another in its place, and load the model again. Answered by "ready" and "loaded". */
  | { readonly type: "reopen" }
  | Ask;

/** A method as the page knows it. */
export interface MethodInfo {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly defaults: MethodConfig;
  readonly describe: { readonly [key: string]: string };
  readonly choices?: { readonly [key: string]: readonly string[] | undefined };
  readonly presets: { readonly [name: string]: MethodConfig };
}

/** What the device sheet and the status line show. */
export interface DeviceInfo {
  readonly description: string;
  readonly vendor: string;
  readonly architecture: string;
  /** A CPU pretending to be a GPU: the page says so and offers the small preset. */
  readonly software: boolean;
  readonly features: readonly string[];
  readonly limits: { readonly [name: string]: number };
}

/** Up: trainer worker → page. */
export type Reply =
  | { readonly type: "ready"; readonly methods: readonly MethodInfo[]; readonly device: DeviceInfo }
  | {
      readonly type: "progress";
      readonly what: "model" | "python" | "kernels";
      readonly loaded: number;
      readonly total: number;
    }
  | {
      readonly type: "loaded";
      readonly model: ModelInfo;
      readonly bytesOnDevice: number;
      readonly card: SuiteResult | null;
    }
  | { readonly type: "event"; readonly event: TrainEvent }
  /** The log of a resumed run up to its checkpoint, in pieces. */
  | { readonly type: "history"; readonly events: readonly TrainEvent[] }
  /**
   * The run is written to this device under `id`; it would go on after `step` finished steps. Until `busy` is false nobody
   * else may touch it.
   */
  | { readonly type: "kept"; readonly id: string; readonly step: number | null; readonly busy: boolean }
  /** Something the run goes on without. */
  | { readonly type: "notice"; readonly message: string; readonly hint: string }
  | { readonly type: "paused"; readonly step: number }
  | { readonly type: "running" }
  | Answer
  /** An environment failure: what happened, what was kept, what to do. */
  | { readonly type: "failure"; readonly reason: FailureReason; readonly message: string; readonly hint: string };

export type FailureReason =
  | "no-webgpu"
  /** Another tab of this page holds the GPU. */
  | "occupied"
  | "device-lost"
  | "out-of-memory"
  | "model"
  | "verifier"
  | "storage"
  | "config"
  | "internal";

/** An environment failure or bad input that tells the reader what to do. */
export class KelvinError extends Error {
  override readonly name = "KelvinError";
  constructor(
    readonly reason: FailureReason | "input",
    message: string,
    readonly hint: string = "",
    readonly detail: Json = null,
  ) {
    super(message);
  }
}
