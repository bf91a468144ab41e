import type { Command, Reply, TrainEvent } from "../contracts";
import type { RunState } from "../telemetry/state";
import type { RunSetup } from "./setup";

/** Sources of runs: the trainer worker, or a recorded log. */
export interface RunSource {
  /** The setup of a recorded run. */
  readonly setup?: RunSetup;
  /** A link's name for a recording that can be loaded again. */
  readonly link?: string;
  /** Only for a recorded run, which can be played from any step at any speed. */
  readonly timeline?: Timeline;
  send(command: Command): void;
  listen(onReply: (reply: Reply) => void): void;
}

/** Controls of a recorded run. */
export interface Timeline {
  /** Finished steps in the recording. */
  readonly steps: number;
  /** Speed relative to the recording. */
  speed: number;
  /** The state after `step` finished steps; playing continues from there. */
  seek(step: number): RunState;
  /** The events up to there. */
  until(step: number): readonly TrainEvent[];
}
