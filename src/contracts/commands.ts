import type { AdapterWish } from "./adapter";
import type { ModelInfo, PairRow, Task } from "./data";
import type { MethodDisplay } from "./display";
import type { FailureReason } from "./errors";
import type { TrainEvent } from "./events";
import type { LoraConfig } from "./lora";
import type { Measure } from "./measures";
import type { MethodConfig } from "./method";
import type { Choice, PairToJudge } from "./preference";
import type { Answer, Ask } from "./questions";
import type { ModelChoice, RunConfig } from "./run-config";
import type { ShippedModel } from "./shipped";

/** Messages from the page to the trainer worker. */
export type Command =
  /**
   * Loads a model, with memory for training adapters only or the whole model. Answered by "progress" and "loaded", or
   * by "failure": then the previous model stays loaded.
   */
  | { readonly type: "load"; readonly model: ModelChoice; readonly lora: LoraConfig | null }
  /**
   * `name` is the run's name in the list. `resume` is a stored run to continue. `probe` holds the visitor's own tasks:
   * measured at every evaluation, never trained on. `pairs` are the visitor's own examples, for methods that learn from examples.
   */
  | {
      readonly type: "start";
      readonly run: RunConfig;
      readonly name: string;
      readonly resume?: string;
      readonly probe?: readonly Task[];
      readonly pairs?: readonly PairRow[];
    }
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  /** Runs to the end of the current (or next) phase, then pauses. */
  | { readonly type: "step-phase" }
  /** Runs to the end of the current (or next) step, then pauses. */
  | { readonly type: "step" }
  | { readonly type: "stop" }
  /** The visitor's answer to "choose". */
  | { readonly type: "choice"; readonly chosen: Choice }
  /** Takes the GPU over from another tab. That tab's run is stored as it is. */
  | { readonly type: "take-over" }
  /**
   * The device was lost, or another adapter is wanted: stores the run, opens a device and loads the model again. Answered by
   * "ready" and "loaded".
   */
  | { readonly type: "reopen"; readonly adapter?: AdapterWish }
  | Ask;

/** A method as the page sees it. */
export interface MethodInfo {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly defaults: MethodConfig;
  readonly describe: { readonly [key: string]: string };
  readonly choices?: { readonly [key: string]: readonly string[] | undefined };
  readonly presets: { readonly [name: string]: MethodConfig };
  /** The shipped model that it needs; absent: any. */
  readonly model?: ShippedModel;
  readonly display: MethodDisplay;
}

/** What the device sheet and the status line show. */
export interface DeviceInfo {
  readonly description: string;
  readonly vendor: string;
  readonly architecture: string;
  /** A software adapter (the CPU): the page says so and offers the small preset. */
  readonly software: boolean;
  readonly features: readonly string[];
  readonly limits: { readonly [name: string]: number };
}

/** Messages from the trainer worker to the page. */
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
      readonly card: readonly Measure[] | null;
    }
  | { readonly type: "event"; readonly event: TrainEvent }
  /** The log of a resumed run up to its checkpoint, in pieces. */
  | { readonly type: "history"; readonly events: readonly TrainEvent[] }
  /**
   * The run is stored on this device under `id`; it would continue after `step` finished steps. While `busy`, nothing else may
   * open it.
   */
  | { readonly type: "kept"; readonly id: string; readonly step: number | null; readonly busy: boolean }
  /** The visitor is asked which of two programs is better; the run waits for "choice". */
  | { readonly type: "choose"; readonly pair: PairToJudge }
  /** A problem that does not stop the run. */
  | { readonly type: "notice"; readonly message: string; readonly hint: string }
  | { readonly type: "paused"; readonly step: number }
  | { readonly type: "running" }
  | Answer
  /** An environment failure: what happened, what was stored, what to do. */
  | { readonly type: "failure"; readonly reason: FailureReason; readonly message: string; readonly hint: string };
