import type { DeviceInfo, FailureReason, MethodInfo, ModelInfo, Reply, SuiteResult } from "../contracts";

/** Bytes of one thing that is being fetched or prepared. */
export interface Progress {
  readonly loaded: number;
  readonly total: number;
}

/** What went wrong, and what the visitor can do about it. */
export interface Failure {
  readonly reason: FailureReason;
  readonly message: string;
  readonly hint: string;
}

/** Whether the engine is asked for the next event. */
export type Motion = "idle" | "running" | "paused";

/** What the page knows beside the run: the device, what is loading, whether the run moves. */
export interface Session {
  readonly methods: readonly MethodInfo[];
  readonly device: DeviceInfo | null;
  readonly progress: Readonly<Partial<Record<"model" | "python" | "kernels", Progress>>>;
  readonly loaded: {
    readonly model: ModelInfo;
    readonly bytesOnDevice: number;
    readonly card: SuiteResult | null;
  } | null;
  readonly motion: Motion;
  /** Where the run on screen is kept on this device, and from which step it would go on. */
  readonly kept: { readonly id: string; readonly step: number | null; readonly busy: boolean } | null;
  /** Something the run goes on without; the visitor can put it away. */
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
  notice: null,
  failure: null,
};

/** Pure: what a reply changes. Events belong to the run's reducer; only their effect on motion is kept here. */
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
    // Whoever asked is told; the session is as it was.
    case "answer":
    case "refusal":
      return session;
    case "failure":
      return {
        ...session,
        motion: "idle",
        failure: { reason: reply.reason, message: reply.message, hint: reply.hint },
      };
    default:
      reply satisfies never;
      return session;
  }
}

/** Over once a device is open: nobody else holds it, and it is not the one that was lost. */
const OF_DEVICE: ReadonlySet<FailureReason> = new Set(["occupied", "device-lost"]);

/** Why a model may not come, over once one has: another name, another address or a smaller model was the way on. */
export const OF_LOADING: ReadonlySet<FailureReason> = new Set(["model", "out-of-memory", "storage", "config"]);

/** A new run would only meet them again. */
export const OF_EVERY_RUN: ReadonlySet<FailureReason> = new Set([
  "no-webgpu",
  "occupied",
  "device-lost",
  "model",
  "verifier",
]);

function unless(failure: Failure | null, reasons: ReadonlySet<FailureReason>): Failure | null {
  return failure && reasons.has(failure.reason) ? null : failure;
}

function applyRunEvent(session: Session, type: string): Session {
  if (type === "run.start") return { ...session, motion: "running", failure: null, kept: null, notice: null };
  return type === "run.end" ? { ...session, motion: "idle" } : session;
}
