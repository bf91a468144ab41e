import { isLogged, KelvinError, type TrainEvent } from "../contracts";
import { faultOf } from "./event-shape";
import { LogReader, parseLog } from "./log";
import { Slices } from "./slices";

const HINT = "Choose the events.jsonl of a run.";

/** Characters parsed between two looks at the clock: about a millisecond's work. */
const PIECE = 65_536;

/**
 * Parses a log for replay: checks everything that `reduce` and a player rely on and drops live events.
 * @throws KelvinError "input" for a log of another schema, or naming the line and the field that is wrong
 */
export function readRecording(text: string): TrainEvent[] {
  const events = parseLog(text);
  events.forEach(demandPlayable);
  return events.filter(isLogged);
}

/**
 * The same for a file, plain or gzipped, in slices: the page stays responsive for a log of any size.
 * @throws KelvinError "input" as readRecording does, and for a broken archive
 */
export async function openLog(file: Blob): Promise<TrainEvent[]> {
  const reader = new LogReader();
  const slices = new Slices();
  let checked = 0;
  for await (const text of textOf(file)) {
    for (let at = 0; at < text.length; at += PIECE) {
      reader.push(text.slice(at, at + PIECE));
      for (; checked < reader.events.length; checked++) demandPlayable(reader.events[checked] as TrainEvent, checked);
      if (slices.isOver) await slices.next();
    }
  }
  return reader.end().filter(isLogged);
}

/** Text of a log file, plain or gzipped. @throws KelvinError "input" for a broken archive. */
export async function unpackLog(file: Blob): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of textOf(file)) pieces.push(piece);
  return pieces.join("");
}

async function* textOf(file: Blob): AsyncGenerator<string> {
  const reader = (await readable(unpacked(file))).getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await readable(reader.read());
    if (done) return;
    yield decoder.decode(value, { stream: true });
  }
}

/** Reports a broken archive, or a file that was changed or deleted since it was chosen (reading may fail at its first bytes). */
function readable<T>(bytes: Promise<T>): Promise<T> {
  return bytes.catch(() => {
    throw new KelvinError("input", "The log is damaged or incomplete, or cannot be read any more.", "Choose it again.");
  });
}

/** Some servers unpack on the way, so the bytes decide, not the name. */
async function unpacked(file: Blob): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const isPacked = first === 0x1f && second === 0x8b;
  return isPacked ? file.stream().pipeThrough(new DecompressionStream("gzip")) : file.stream();
}

function demandPlayable(event: TrainEvent, index: number): void {
  if (event.type === "run.start" && event.schema !== 1) {
    throw new KelvinError("input", "The log was written by another version of Kelvin.", HINT);
  }
  if (event.type !== "run.start" && !isTimed(event)) {
    throw new KelvinError("input", `Line ${index + 1} of the log has no step or no time.`, HINT);
  }
  const fault = faultOf(event);
  if (fault === null) return;
  const where = fault === "" ? "it" : `“${fault}”`;
  throw new KelvinError(
    "input",
    `Line ${index + 1} of the log is no ${event.type}: ${where} is missing or wrong.`,
    HINT,
  );
}

/** The type says that every event but the first has both fields; a file may lack them. */
function isTimed(event: object): boolean {
  return "step" in event && typeof event.step === "number" && "ms" in event && typeof event.ms === "number";
}
