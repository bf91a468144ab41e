import { isLogged, KelvinError, type TrainEvent } from "../contracts";

/** One line of `events.jsonl` including its newline; null for events that are not logged. */
export function logLine(event: TrainEvent): string | null {
  return isLogged(event) ? `${JSON.stringify(event)}\n` : null;
}

/** A whole log as text. */
export function logText(events: Iterable<TrainEvent>): string {
  return Array.from(events, (event) => logLine(event) ?? "").join("");
}

/**
 * Parses a log that arrives in pieces. A last line without a newline is a write that was interrupted, and is dropped.
 */
export class LogReader {
  readonly events: TrainEvent[] = [];
  /** The start of an unfinished line. */
  private rest = "";

  /**
   * Adds the next characters of the log.
   * @throws KelvinError "input" that names the line that is not an event, or if the log does not begin with `run.start`
   */
  push(text: string): void {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) this.add(parseLine(line, this.events.length + 1));
  }

  /** All parsed events. @throws KelvinError "input" for an empty log */
  end(): TrainEvent[] {
    if (this.events.length === 0) throw malformed(1, "a log begins with run.start");
    return this.events;
  }

  private add(event: TrainEvent): void {
    if (this.events.length === 0 && event.type !== "run.start") throw malformed(1, "a log begins with run.start");
    this.events.push(event);
  }
}

/** Parses a whole log; see LogReader. */
export function parseLog(text: string): TrainEvent[] {
  const reader = new LogReader();
  reader.push(text);
  return reader.end();
}

function parseLine(line: string, number: number): TrainEvent {
  try {
    const event: unknown = JSON.parse(line);
    if (typeof event === "object" && event !== null && "type" in event && typeof event.type === "string")
      return event as TrainEvent;
  } catch {
    // The error below names the line; JSON.parse cannot.
  }
  throw malformed(number, "it is not an event");
}

function malformed(line: number, why: string): KelvinError {
  return new KelvinError("input", `events.jsonl line ${line}: ${why}`, "Expected a log written by Kelvin.");
}
