/** Runs in processes that are killed, and resumed, until they are done. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { hasCheckpoint, isComplete, readCheckpoint } from "../run-folder";

/** Resolves when the process is to be killed; `heard` resolves when it has printed such a line. */
export type Moment = (heard: (line: RegExp) => Promise<void>) => Promise<void>;

/** What a process is started with. */
export interface Launch {
  /** The bundled command line. */
  readonly program: string;
  /** Method and settings of a new run. */
  readonly words: readonly string[];
  /** Options of every start. */
  readonly always: readonly string[];
}

/**
 * Begins the run in `folder`, or goes on with it, in a process of its own.
 * @param moment when to kill it with SIGKILL; null to let it go to its end
 * @returns whether it was killed; a run that is done before its moment was not
 * @throws what the process said if it fails by itself
 */
export async function advance(launch: Launch, folder: string, moment: Moment | null): Promise<"killed" | "done"> {
  const { program, words, always } = launch;
  const isBegun = hasCheckpoint(folder);
  if (isBegun && isComplete(folder, (await readCheckpoint(folder)).saved.events)) return "done";
  const argv = isBegun ? [words[0] ?? "", "--resume", folder] : [...words, "--out", folder];
  const child = spawn(process.execPath, [program, "train", ...argv, ...always], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<NodeJS.Signals | number | null>((resolve) =>
    child.on("close", (code, signal) => resolve(signal ?? code)),
  );
  const { heard, said } = listener(child);
  if (moment) await Promise.race([ended, moment(heard).then(() => child.kill("SIGKILL"))]);
  const end = await ended;
  if (end === 0) return "done";
  if (end === "SIGKILL") return "killed";
  throw new Error(`train ended with ${end}: ${said().trim().split("\n").slice(-3).join(" / ")}`);
}

function listener(child: ChildProcess) {
  let said = "";
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (text: Buffer) => {
      said += text;
      for (const look of waiting) look();
    });
  const heard = (line: RegExp) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (line.test(said)) resolve();
      };
      waiting.add(look);
      look();
    });
  return { heard, said: () => said };
}

/** Whether anything of the run is on disk. */
export function isThere(folder: string): boolean {
  return existsSync(join(folder, "events.jsonl"));
}
