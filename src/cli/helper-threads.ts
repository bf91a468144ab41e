import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type MessagePort, Worker } from "node:worker_threads";
import { helpersFor } from "../cpu/adapter";
import type { Channel, Threads } from "../device/helpers";

/** Workers of the CPU engine on this machine, the main thread included: one per core, at most four. */
export function usualWorkers(): number {
  return 1 + helpersFor(availableParallelism());
}

/** Lies beside the bundle; sources that a test runs directly have none, and compute on one thread. */
const ENTRY = join(dirname(fileURLToPath(import.meta.url)), "helper.node-worker.mjs");

/**
 * Threads of Node that help.
 * @param workers all that compute, the main thread included
 */
export function nodeThreads(workers: number, entry = ENTRY): Threads {
  return { count: existsSync(entry) ? helpersFor(workers) : 0, spawn: () => workerChannel(new Worker(entry)) };
}

function workerChannel(worker: Worker): Channel {
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    listen: (onMessage, onEnd) => {
      worker.on("message", onMessage);
      worker.on("error", (error) => onEnd(error.message));
      worker.on("exit", (status) => onEnd(`it exited with status ${status}`));
    },
    close: () => void worker.terminate(),
  };
}

/** The line from a helper to its owner. */
export function ownerChannel(port: MessagePort): Channel {
  return {
    post: (message, transfer) => port.postMessage(message, transfer),
    listen: (onMessage, onEnd) => {
      port.on("message", onMessage);
      port.on("close", () => onEnd("the engine was closed"));
    },
    close: () => port.close(),
  };
}
