/** One or two sentences on what happens now, with the numbers of this moment. */
import { EVALUATE, type MethodDisplay, type Phase, type PhaseInfo, SELF_PLAY_PHASES } from "../contracts";
import { sayNote } from "../telemetry/note";
import { finishedSteps, type RunState } from "../telemetry/state";
import { plural } from "./format";
import { momentFigures } from "./moment-figures";
import type { Motion } from "./session";

/** The note below the path of phases. */
export interface PhaseNote {
  readonly title: string;
  readonly text: string;
}

/** The note on the current phase, or on the last one if the run is paused. */
export function phaseNote(run: RunState, motion: Motion): PhaseNote {
  if (run.status === "none")
    return { title: "Ready", text: "Press Start, or step through one phase at a time with the space bar." };
  if (run.status !== "running") return { title: "The run has ended", text: run.message || endText(run) };
  const phase = phaseNow(run);
  if (!phase) return { title: "Preparing", text: "Buffers are filled and kernels compiled before the first step." };
  const { heading, note } = phaseInfo(run, phase);
  return { title: motion === "paused" ? `Paused: ${heading}` : heading, text: sayNote(note, momentFigures(run)) };
}

/** The current or last phase; null before the first. */
export function phaseNow({ active, current }: RunState): Phase | null {
  return active?.phase ?? Object.keys(current.phases).at(-1) ?? null;
}

/** The next phase, if the run has shown that its method has it; else null. */
export function phaseNext(run: RunState): Phase | null {
  const now = phaseNow(run);
  if (now === null) return null;
  const timings = run.history.at(-1)?.timings;
  const names = phasesOf(run).map(({ name }) => name);
  const known = timings ? names.filter((phase) => timings[phase] !== undefined) : names;
  return known[known.indexOf(now) + 1] ?? known[0] ?? null;
}

/** The phases of the run's method; before a run, of `display`, or the usual ones. */
export function phasesOf({ header }: Pick<RunState, "header">, display?: MethodDisplay): readonly PhaseInfo[] {
  return header?.display.phases ?? display?.phases ?? SELF_PLAY_PHASES;
}

/** What the run's method says of a phase; what is usual for one that it does not speak of, such as those of its preparation. */
export function phaseInfo(run: Pick<RunState, "header">, phase: Phase): PhaseInfo {
  const known = [...phasesOf(run), EVALUATE, ...SELF_PLAY_PHASES].find(({ name }) => name === phase);
  const title = `${phase.slice(0, 1).toUpperCase()}${phase.slice(1)}`;
  return known ?? { name: phase, work: "comparing", title, heading: title, note: "", caption: "" };
}

function endText(run: RunState): string {
  const how = { done: "All steps are done", stopped: "It was stopped", failed: "It failed" }[
    run.status as "done" | "stopped" | "failed"
  ];
  return `${how} after ${plural(finishedSteps(run), "step")}.`;
}
