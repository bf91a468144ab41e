import type { Command, Reply, TrainEvent } from "../contracts";
import type { RunState } from "../telemetry/state";
import type { RunSetup } from "./setup";

/** Where runs come from: the trainer worker, or a recorded log. */
export interface RunSource {
  /** The setup of a run that already happened. */
  readonly setup?: RunSetup;
  /** What a link calls a recording that can be fetched again. */
  readonly link?: string;
  /** Only for a recorded run: it can be played from anywhere, at any speed. */
  readonly timeline?: Timeline;
  send(command: Command): void;
  listen(onReply: (reply: Reply) => void): void;
}

/** A recorded run to move about in. */
export interface Timeline {
  /** Finished steps in the recording. */
  readonly steps: number;
  /** How many times faster than it happened. */
  speed: number;
  /** The run as it was after so many finished steps; playing goes on from there. */
  seek(step: number): RunState;
  /** The events up to there. */
  until(step: number): readonly TrainEvent[];
}
