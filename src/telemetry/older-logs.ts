/** What logs of before did not say, because there was one way only. */
import {
  kindOf,
  type Measure,
  type MethodDisplay,
  SELF_PLAY_PHASES,
  type TaskType,
  type TrainEvent,
  USUAL_GAUGES,
  ungrouped,
} from "../contracts";

/** Titles of the methods there were before logs carried them. */
const TITLES: ReadonlyMap<string, string> = new Map([
  ["azr", "Absolute Zero"],
  ["one-shot", "1-shot RLVR"],
]);

interface Titled {
  readonly method: string;
  readonly display?: MethodDisplay | undefined;
}

/** What a method is called in a sentence; its key where nothing says. */
export function titleOf({ method, display }: Titled): string {
  return display?.title ?? TITLES.get(method) ?? method;
}

/** What the page shows of a run's method; of a log that does not say, all that there was then. */
export function displayIn({ method, display }: Titled): MethodDisplay {
  if (display) return display;
  return { title: titleOf({ method }), phases: SELF_PLAY_PHASES, gauges: USUAL_GAUGES, words: {}, stage: "tasks" };
}

/** The event as it would be written today: before, a prompt said its kind in two halves, and results came by task type. */
export function modern(event: TrainEvent): TrainEvent {
  if (event.type === "evaluate.result") return event.measures === undefined ? { ...event, ...listed(event) } : event;
  if (event.type !== "rollout.sample" || typeof event.prompt?.kind === "string") return event;
  const { role, type } = event.prompt ?? {};
  if (typeof role !== "string" || typeof type !== "string") return event;
  return { ...event, prompt: { ...event.prompt, kind: kindOf(role, type as TaskType) } };
}

/** The measures of a result by task type; nothing where there is no such record, so that the schema names what is missing. */
function listed({ result }: { readonly result?: unknown }): { readonly measures?: Measure[] } {
  return typeof result === "object" && result !== null ? { measures: ungrouped(result) } : {};
}
