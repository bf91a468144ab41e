/** Runs the command's measurement in this page. */
import { helpersFor } from "../../../cpu/adapter";
import type { Channel, Threads } from "../../../device/helpers";
import { measure, type Question } from "../measure";

function spawn(): Channel {
  const worker = new Worker(new URL("./helper.ts", import.meta.url), { type: "module" });
  return {
    post: (message, transfer = []) => worker.postMessage(message, [...transfer]),
    listen: (onMessage, onEnd) => {
      worker.onmessage = ({ data }) => onMessage(data);
      worker.onerror = ({ message }) => onEnd(message);
    },
    close: () => worker.terminate(),
  };
}

const threads = (workers: number): Threads => ({ count: helpersFor(workers), spawn });

Object.assign(globalThis, { measure: (question: Question) => measure(question, threads) });
