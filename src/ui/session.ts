import type { DeviceInfo, FailureReason, Measure, MethodInfo, ModelInfo, PairToJudge, Reply } from "../contracts";

/** Progress of one thing that is being loaded. */
export interface Progress {
  readonly loaded: number;
  readonly total: number;
}

/** What went wrong, and what the visitor can do. */
export interface Failure {
  readonly reason: FailureReason;
  readonly message: string;
  readonly hint: string;
}

/** Whether the engine is asked for the next event. */
export type Motion = "idle" | "running" | "paused";

/** The page's state besides the run: device, loading, motion. */
export interface Session {
  readonly methods: readonly MethodInfo[];
  readonly device: DeviceInfo | null;
  readonly progress: Readonly<Partial<Record<"model" | "python" | "kernels", Progress>>>;
  readonly loaded: {
    readonly model: ModelInfo;
    readonly bytesOnDevice: number;
    readonly card: readonly Measure[] | null;
  } | null;
  readonly motion: Motion;
  /** Where the run on screen is stored on this device, and the step from which it would resume. */
  readonly kept: { readonly id: string; readonly step: number | null; readonly busy: boolean } | null;
  /** What the visitor is asked; null while nothing is to be chosen. */
  readonly asking: PairToJudge | null;
  /** A problem that does not stop the run; the visitor can dismiss it. */
  readonly notice: { readonly message: string; readonly hint: string } | null;
  readonly failure: Failure | null;
}

export const initialSession: Session = {
  methods: [],
  device: null,
  progress: {},
  loaded: null,
  motion: "idle",
  kept: null,
  asking: null,
  notice: null,
  failure: null,
};

/** Pure: applies a reply. Events belong to the run's reducer; here they only change the motion. */
export function applyReply(session: Session, reply: Reply): Session {
  switch (reply.type) {
    case "ready":
      return { ...session, methods: reply.methods, device: reply.device, failure: unless(session.failure, OF_DEVICE) };
    case "progress":
      return {
        ...session,
        progress: { ...session.progress, [reply.what]: { loaded: reply.loaded, total: reply.total } },
      };
    case "loaded":
      return {
        ...session,
        loaded: { model: reply.model, bytesOnDevice: reply.bytesOnDevice, card: reply.card },
        failure: unless(session.failure, OF_LOADING),
      };
    case "kept":
      return { ...session, kept: { id: reply.id, step: reply.step, busy: reply.busy } };
    case "choose":
      return { ...session, asking: reply.pair };
    case "notice":
      return { ...session, notice: { message: reply.message, hint: reply.hint } };
    case "history":
      return session;
    case "event":
      return applyRunEvent(session, reply.event.type);
    case "paused":
      return { ...session, motion: "paused" };
    case "running":
      return { ...session, motion: "running" };
    // The caller gets the answer; the session does not change.
    case "answer":
    case "refusal":
      return session;
    case "failure":
      return {
        ...session,
        motion: "idle",
        asking: null,
        failure: { reason: reply.reason, message: reply.message, hint: reply.hint },
      };
    default:
      reply satisfies never;
      return session;
  }
}

/** Failures that are over once a device is open. */
const OF_DEVICE: ReadonlySet<FailureReason> = new Set(["occupied", "device-lost", "no-webgpu", "no-webassembly"]);

/** Failures of a browser that cannot train: a recorded run takes the place of Start. */
export const OF_ADAPTER: ReadonlySet<FailureReason> = new Set(["no-webgpu", "no-webassembly"]);

/** Failures that are over once a model is loaded: from another name or address, or a smaller one. */
export const OF_LOADING: ReadonlySet<FailureReason> = new Set(["model", "out-of-memory", "storage", "config"]);

/** Failures that a new run would meet again. */
export const OF_EVERY_RUN: ReadonlySet<FailureReason> = new Set([
  "no-webgpu",
  "no-webassembly",
  "occupied",
  "device-lost",
  "model",
  "verifier",
]);

function unless(failure: Failure | null, reasons: ReadonlySet<FailureReason>): Failure | null {
  return failure && reasons.has(failure.reason) ? null : failure;
}

function applyRunEvent(session: Session, type: string): Session {
  if (type === "run.start")
    return { ...session, motion: "running", failure: null, kept: null, asking: null, notice: null };
  return type === "run.end" ? { ...session, motion: "idle", asking: null } : session;
}
