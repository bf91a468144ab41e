import { isLogged, KelvinError, type TrainEvent } from "../contracts";
import { faultOf, restoreFigures } from "./event-shape";
import { LogReader } from "./log";
import { Slices } from "./slices";
import { logBytes } from "./unpack";

const HINT = "Choose the events.jsonl of a run.";

/** Characters of a log that are read before the clock is looked at: about a millisecond's work. */
const PIECE = 65_536;
/** Suites that a run may be measured on: each is a choice, a table and a curve. */
const MOST_SUITES = 100;

/** Reads a log so that what is read can be reduced, drawn and compared: every event is checked, live ones are left out. */
class Recording {
  private readonly reader = new LogReader();
  private readonly suites = new Set<string>();
  private line = 0;

  push(text: string): TrainEvent[] {
    return this.check(this.reader.push(text));
  }

  end(): TrainEvent[] {
    return this.check(this.reader.end());
  }

  private check(events: readonly TrainEvent[]): TrainEvent[] {
    for (const event of events) {
      this.line += 1;
      demandPlayable(event, this.line);
      if (event.type === "evaluate.result") this.suites.add(event.suite);
      if (this.suites.size > MOST_SUITES)
        throw new KelvinError("input", `Line ${this.line} of the log is one suite more than ${MOST_SUITES}.`, HINT);
      restoreFigures(event);
    }
    return events.filter(isLogged);
  }
}

/**
 * A log made ready to be played: what `reduce` and a player rely on is checked, live events are left out.
 * @throws KelvinError "input" for a log of another schema, or naming the line and the field that is not as it should be
 */
export function readRecording(text: string): TrainEvent[] {
  const recording = new Recording();
  const events = recording.push(text);
  return [...events, ...recording.end()];
}

/**
 * The same of a file, plain or packed, in slices: a page goes on while it reads a log of any size.
 * @throws KelvinError "input" as readRecording does, for a broken archive, and for one that unpacks to too much
 */
export async function openLog(file: Blob): Promise<TrainEvent[]> {
  const parts: TrainEvent[][] = [];
  for await (const events of readLog(logBytes(file))) parts.push(events);
  return parts.flat();
}

/** The same of the bytes of a log, a piece after the other: none of it is held. */
export async function* readLog(bytes: Promise<ReadableStream<Uint8Array<ArrayBuffer>>>): AsyncGenerator<TrainEvent[]> {
  const recording = new Recording();
  const slices = new Slices();
  for await (const text of textOf(bytes)) {
    for (let at = 0; at < text.length; at += PIECE) {
      yield recording.push(text.slice(at, at + PIECE));
      if (slices.isOver) await slices.next();
    }
  }
  yield recording.end();
}

async function* textOf(bytes: Promise<ReadableStream<Uint8Array<ArrayBuffer>>>): AsyncGenerator<string> {
  const reader = (await readable(bytes)).getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await readable(reader.read());
      if (done) return;
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    // Whatever ended it, the rest of the file is not unpacked.
    await reader.cancel().catch(() => {});
  }
}

/** A broken archive, or a file that was changed or deleted since it was chosen: its first bytes may be gone already. */
function readable<T>(bytes: Promise<T>): Promise<T> {
  return bytes.catch((error: unknown) => {
    if (error instanceof KelvinError) throw error;
    throw new KelvinError("input", "The log is damaged or incomplete, or cannot be read any more.", "Choose it again.");
  });
}

function demandPlayable(event: TrainEvent, line: number): void {
  if (event.type === "run.start" && event.schema !== 1) {
    throw new KelvinError("input", "The log was written by another version of Kelvin.", HINT);
  }
  const fault = faultOf(event);
  if (fault === null) return;
  const where = fault.field === "" ? "it" : `“${fault.field}”`;
  throw new KelvinError(
    "input",
    `Line ${line} of the log is no ${fault.kind}: ${where} is missing or wrong.`,
    `Expected ${fault.expected}. ${HINT}`,
  );
}
