/** Whether two runs are one run: every event, every weight and the rest of the state, bit for bit. Only times may differ. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readCheckpoint } from "../run-folder";

/** What differs between the runs in two folders; an empty list if nothing does. */
export async function differences(one: string, other: string): Promise<string[]> {
  const found = [eventDifference(one, other), await stateDifference(one, other)].filter((text) => text !== null);
  for (const name of ["model.safetensors", "engine.bin", "adapter/adapter_model.safetensors"]) {
    const [a, b] = [one, other].map((folder) => bytesOf(join(folder, "checkpoint", name)));
    if (a?.equals(b ?? Buffer.alloc(0)) === false || (a === null) !== (b === null)) found.push(`${name} differs`);
  }
  return found;
}

/** Finished steps in a run's log. */
export function stepsIn(folder: string): number {
  const log = bytesOf(join(folder, "events.jsonl"))?.toString() ?? "";
  return log.split(/^\{"type":"step\.(?:end|skip)"/mu).length - 1;
}

function eventDifference(one: string, other: string): string | null {
  const [a = [], b = []] = [one, other].map((folder) => timeless(bytesOf(join(folder, "events.jsonl"))));
  if (a.length !== b.length) return `${a.length} events and ${b.length}`;
  const at = a.findIndex((line, index) => line !== b[index]);
  return at < 0 ? null : `event ${at + 1} differs: ${a[at]?.slice(0, 120)} and ${b[at]?.slice(0, 120)}`;
}

/** The lines of a log without times. */
function timeless(log: Buffer | null): string[] {
  const lines = (log?.toString() ?? "").trimEnd().split("\n");
  return lines.map((line) => JSON.stringify({ ...JSON.parse(line), ms: 0, timings: {} }));
}

async function stateDifference(one: string, other: string): Promise<string | null> {
  const states = await Promise.all(
    [one, other].map(async (folder) => {
      const { run, state, events } = (await readCheckpoint(folder)).saved;
      return JSON.stringify({ run, events, state: { ...state, elapsed: 0, memory: [...state.memory] } });
    }),
  );
  return states[0] === states[1] ? null : "run.json differs";
}

function bytesOf(path: string): Buffer | null {
  return existsSync(path) ? readFileSync(path) : null;
}
