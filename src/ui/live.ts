import type { Kind, TrainEvent } from "../contracts";

/** Text of an unfinished sample. */
export interface LiveSample {
  readonly key: string;
  readonly kind: Kind;
  readonly promptId: string;
  readonly sampleIndex: number;
  readonly text: string;
}

/** Unfinished samples and progress of the phase. Not part of the run's state. */
export interface LiveState {
  readonly samples: ReadonlyMap<string, LiveSample>;
  readonly done: number;
  readonly total: number;
}

/** Before anything is written. */
export const initialLive: LiveState = { samples: new Map(), done: 0, total: 0 };

/** Most samples shown; the others of a large batch stay hidden. */
const SHOWN = 256;

/** Applies a live event; a phase that begins or ends clears the unfinished samples. */
export function followLive(live: LiveState, event: TrainEvent): LiveState {
  switch (event.type) {
    case "live.tokens":
      return append(live, event);
    case "live.progress":
      return { ...live, done: event.done, total: event.total };
    // Finished samples replace the unfinished ones.
    case "rollout.sample":
    case "phase.start":
    case "phase.end":
    case "run.start":
    case "run.end":
      return live === initialLive ? live : initialLive;
    default:
      return live;
  }
}

function append(live: LiveState, event: Extract<TrainEvent, { type: "live.tokens" }>): LiveState {
  const { promptId, sampleIndex, kind, text } = event;
  const key = `${promptId}/${sampleIndex}`;
  const before = live.samples.get(key);
  if (!before && live.samples.size >= SHOWN) return live;
  const sample = { key, kind, promptId, sampleIndex, text: (before?.text ?? "") + text };
  return { ...live, samples: new Map(live.samples).set(key, sample) };
}
