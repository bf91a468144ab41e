import { ALL_TASK_TYPES, grouped, type Measure, type Metrics, type Timings, type TrainEvent } from "../contracts";

const SHORT: Readonly<Record<string, string>> = {
  deduction: "ded",
  abduction: "abd",
  induction: "ind",
  integration: "int",
};

/** The progress line of an event; null for events without one. */
export function progressLine(event: TrainEvent, steps: number): string | null {
  switch (event.type) {
    case "step.end":
      return stepLine(event.step, steps, event.metrics, event.timings);
    case "step.skip":
      return `step ${count(event.step, steps)}  skipped: ${event.reason}`;
    case "evaluate.result":
      return `held-out ${event.suite}, step ${event.step}: ${suiteLine(event.measures)}`;
    case "run.end":
      return `run ${event.reason}${event.message ? `: ${event.message}` : ""}`;
    default:
      return null;
  }
}

function stepLine(step: number, steps: number, metrics: Metrics, timings: Timings): string {
  const parts = [
    figures("accuracy", metrics, "accuracy/solver", 2),
    figures("trace", metrics, "trace/share", 2),
    figures("length", metrics, "length/completion", 0),
    figures("reward", metrics, "reward/solver", 2),
    figures("proposer", metrics, "reward/proposer", 2),
    figures("valid", metrics, "valid/rate", 2),
    timeLine(metrics, timings),
  ];
  return `step ${count(step, steps)}  ${parts.filter((part) => part !== "").join("  ")}`;
}

function count(step: number, steps: number): string {
  return `${String(step + 1).padStart(String(steps).length)}/${steps}`;
}

/** One metric, split by type if there is more than one type. */
function figures(label: string, metrics: Metrics, name: string, digits: number): string {
  const split = ALL_TASK_TYPES.flatMap((type) => metrics[`${name}/${type}`] ?? []).map((value) =>
    value.toFixed(digits),
  );
  return split.length > 0 ? `${label} ${split.join("/")}` : "";
}

function timeLine(metrics: Metrics, timings: Timings): string {
  const entries = Object.entries(timings);
  const seconds = (ms: number): string => (ms / 1000).toFixed(1);
  const total = entries.reduce((sum, [, ms]) => sum + ms, 0);
  const sampling = (timings.propose ?? 0) + (timings.solve ?? 0);
  const speed = sampling > 0 ? `  ${Math.round(((metrics["tokens/sampled"] ?? 0) / sampling) * 1000)} tokens/s` : "";
  return `${seconds(total)} s (${entries.map(([phase, ms]) => `${phase} ${seconds(ms)}`).join(", ")})${speed}`;
}

/** Held-out figures by subject: greedy (sampled, traces) where those were measured, any other by name. */
export function suiteLine(measures: readonly Measure[]): string {
  return Object.entries(grouped(measures)).map(subjectLine).join("  ");
}

function subjectLine([subject, { tasks: _, ...rates }]: readonly [string, Readonly<Record<string, number>>]): string {
  const { greedy, sampled, traceShare, forcedTrace: _forced, ...others } = rates;
  const name = SHORT[subject] ?? subject;
  const usual = greedy === undefined ? [] : [greedy.toFixed(3)];
  const drawn = sampled === undefined ? [] : [`(${sampled.toFixed(3)}, trace ${(traceShare ?? 0).toFixed(2)})`];
  const rest = Object.entries(others).map(([what, value]) => `${what} ${value.toFixed(3)}`);
  return [name, ...usual, ...drawn, ...rest].join(" ");
}
