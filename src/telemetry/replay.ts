import { isLogged, KelvinError, type TrainEvent } from "../contracts";

const HINT = "Choose the events.jsonl of a run: one JSON event per line, the first of type run.start.";

/** One line of `events.jsonl`. */
export function formatEvent(event: TrainEvent): string {
  return JSON.stringify(event);
}

/**
 * The events of a log, blank lines and live events left out.
 * @throws KelvinError "input" naming the first line that is not an event.
 */
export function parseLog(text: string): TrainEvent[] {
  const events = text
    .split("\n")
    .map((line, index) => [line.trim(), index + 1] as const)
    .filter(([line]) => line !== "")
    .map(([line, number]) => parseLine(line, number));
  const [first] = events;
  if (first?.type !== "run.start")
    throw new KelvinError("input", "The log does not begin with a run.start event.", HINT);
  if (first.schema !== 1)
    throw new KelvinError("input", `The log has schema ${first.schema}; this page reads 1.`, HINT);
  return events.filter(isLogged);
}

function parseLine(line: string, number: number): TrainEvent {
  const value = parseJson(line, number);
  if (typeof value !== "object" || value === null || !("type" in value) || typeof value.type !== "string") {
    throw new KelvinError("input", `Line ${number} of the log is not an event.`, HINT);
  }
  const timed = "step" in value && typeof value.step === "number" && "ms" in value && typeof value.ms === "number";
  if (value.type !== "run.start" && !timed) {
    throw new KelvinError("input", `Line ${number} of the log has no step or no time.`, HINT);
  }
  return value as TrainEvent;
}

/** The parser's own message names a position inside the line; the reader needs the line. */
function parseJson(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new KelvinError("input", `Line ${number} of the log is not JSON.`, HINT);
  }
}
