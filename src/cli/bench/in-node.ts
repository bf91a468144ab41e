import { fork } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AdapterChoice } from "../node-adapter";
import type { Answer, Question } from "./measure";

/** Measures in a new process, which is ended after `limitSeconds`. Returns a string with the reason if there is no result. */
export async function askInNode(
  question: Question,
  adapter: AdapterChoice,
  limitSeconds: number,
): Promise<Answer | string> {
  const entry = join(dirname(fileURLToPath(import.meta.url)), "contender.node-worker.mjs");
  const child = fork(entry, [JSON.stringify(question), adapter], { stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let complaint = "";
  child.stderr?.on("data", (text: Buffer) => {
    complaint = `${complaint}${text}`.slice(-2000);
  });
  return new Promise((resolve) => {
    const clock = setTimeout(() => child.kill("SIGKILL"), limitSeconds * 1000);
    let answer: Answer | string | null = null;
    child.on("message", (message) => {
      answer = message as Answer | string;
    });
    child.on("exit", (_code, signal) => {
      clearTimeout(clock);
      const ended = signal === "SIGKILL" ? tooSlow(limitSeconds) : `it ended: ${lastLine(complaint)}`;
      resolve(answer ?? ended);
    });
  });
}

/** Message for a library that has exceeded the limit. */
export function tooSlow(limitSeconds: number): string {
  return `not one repetition in ${limitSeconds} s`;
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
