import { isLogged, KelvinError, type TrainEvent } from "../contracts";

/** One line of `events.jsonl`, its newline included; null for events that are shown but never logged. */
export function logLine(event: TrainEvent): string | null {
  return isLogged(event) ? `${JSON.stringify(event)}\n` : null;
}

/** A whole log, as it lies in a file. */
export function logText(events: Iterable<TrainEvent>): string {
  return Array.from(events, (event) => logLine(event) ?? "").join("");
}

/**
 * Reads a log back. A last line without its newline is a write that was cut off and is left out.
 * @throws KelvinError "input" naming the line that is not an event, or when the log does not begin with `run.start`.
 */
export function parseLog(text: string): TrainEvent[] {
  const lines = text.split("\n").slice(0, -1);
  const events = lines.map(parseLine);
  if (events[0]?.type !== "run.start") throw malformed(1, "a log begins with run.start");
  return events;
}

function parseLine(line: string, index: number): TrainEvent {
  try {
    const event: unknown = JSON.parse(line);
    if (typeof event === "object" && event !== null && "type" in event && typeof event.type === "string")
      return event as TrainEvent;
  } catch {
    // The error below names the line, which JSON.parse cannot.
  }
  throw malformed(index + 1, "it is not an event");
}

function malformed(line: number, why: string): KelvinError {
  return new KelvinError("input", `events.jsonl line ${line}: ${why}`, "Expected a log written by Kelvin.");
}
