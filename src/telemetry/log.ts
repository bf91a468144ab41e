import { isLogged, KelvinError, type TrainEvent } from "../contracts";
import { modern } from "./older-logs";

/** One line of `events.jsonl`, its newline included; null for events that are shown but never logged. */
export function logLine(event: TrainEvent): string | null {
  return isLogged(event) ? `${JSON.stringify(event)}\n` : null;
}

/** A whole log, as it lies in a file. */
export function logText(events: Iterable<TrainEvent>): string {
  return Array.from(events, (event) => logLine(event) ?? "").join("");
}

/** Characters of one line: a text of this length is read in a second. */
const MOST_LINE = 2 ** 26;

/** Reads a log back, in as many pieces as it comes in. */
export class LogReader {
  /** Whole lines so far. */
  private lines = 0;
  /** Pieces of a line whose end has not arrived. */
  private readonly unfinished: string[] = [];
  private length = 0;

  /**
   * The events that end within the next characters of the log.
   * @throws KelvinError "input" naming the line that is not an event, or when the log does not begin with `run.start`
   */
  push(text: string): TrainEvent[] {
    const lines = this.follow(text).split("\n");
    const rest = lines.pop() ?? "";
    const events = lines.map((line) => this.read(this.whole(line)));
    this.unfinished.push(rest);
    this.length += rest.length;
    if (this.length > MOST_LINE) throw malformed(this.lines + 1, `it is longer than ${MOST_LINE} characters`);
    return events;
  }

  /**
   * What was still to be read. A last line without its newline is one that an editor left so, or a write that was cut off:
   * the first is read, the second left out.
   * @throws KelvinError "input" for a log without a line
   */
  end(): TrainEvent[] {
    const event = eventIn(this.whole(""));
    const last = event && (this.lines > 0 || event.type === "run.start") ? [event] : [];
    if (this.lines + last.length === 0) throw malformed(1, "a log begins with run.start");
    return last;
  }

  /** Some editors begin a file with a byte order mark. */
  private follow(text: string): string {
    return this.lines === 0 && this.length === 0 && text.startsWith("\ufeff") ? text.slice(1) : text;
  }

  private whole(end: string): string {
    const line = this.unfinished.join("") + end;
    this.unfinished.length = 0;
    this.length = 0;
    return line;
  }

  private read(line: string): TrainEvent {
    this.lines += 1;
    const event = eventIn(line);
    if (!event) throw malformed(this.lines, "it is not an event");
    if (this.lines === 1 && event.type !== "run.start") throw malformed(1, "a log begins with run.start");
    return event;
  }
}

/** The whole of a log at once; see LogReader. */
export function parseLog(text: string): TrainEvent[] {
  const reader = new LogReader();
  const events = reader.push(text);
  return [...events, ...reader.end()];
}

/** null for what is no event. */
function eventIn(line: string): TrainEvent | null {
  try {
    const event: unknown = JSON.parse(line);
    const isEvent = typeof event === "object" && event !== null && "type" in event && typeof event.type === "string";
    return isEvent ? modern(event as TrainEvent) : null;
  } catch {
    // The caller names the line, which JSON.parse cannot.
    return null;
  }
}

function malformed(line: number, why: string): KelvinError {
  return new KelvinError("input", `events.jsonl line ${line}: ${why}`, "Expected a log written by Kelvin.");
}
