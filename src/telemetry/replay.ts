import { isLogged, KelvinError, type TrainEvent } from "../contracts";
import { parseLog } from "./log";

const HINT = "Choose the events.jsonl of a run.";

/**
 * A log made ready to be played: what `reduce` and a player rely on is checked, live events are left out.
 * @throws KelvinError "input" for a log of another schema, or an event without step and time.
 */
export function readRecording(text: string): TrainEvent[] {
  const events = parseLog(text);
  const [first, ...rest] = events;
  if (first?.type !== "run.start" || first.schema !== 1) {
    throw new KelvinError("input", "The log was written by another version of Kelvin.", HINT);
  }
  const fault = rest.findIndex((event) => !isTimed(event));
  if (fault >= 0) throw new KelvinError("input", `Line ${fault + 2} of the log has no step or no time.`, HINT);
  return events.filter(isLogged);
}

/** Text of a log as it lies in a file: plain, or packed with gzip. @throws KelvinError "input" for a broken archive. */
export async function unpackLog(file: Blob): Promise<string> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  // Some servers unpack on the way, so the bytes decide, not the name.
  if (first !== 0x1f || second !== 0x8b) return file.text();
  try {
    return await new Response(file.stream().pipeThrough(new DecompressionStream("gzip"))).text();
  } catch {
    throw new KelvinError("input", "The packed log is damaged or incomplete.", "Download it again.");
  }
}

/** Logs come from outside: the type says that every event but the first has both, the file may not. */
function isTimed(event: object): boolean {
  return "step" in event && typeof event.step === "number" && "ms" in event && typeof event.ms === "number";
}
