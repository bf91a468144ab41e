import { helpersFor } from "../cpu/adapter";
import type { Channel, Threads } from "../device/helpers";
import { HELPER } from "./helper";

/**
 * Workers that help this one, the trainer, and run its script; none in a browser whose workers cannot make others.
 * @param workers all that compute, this thread included
 */
export function pageThreads(workers = navigator.hardwareConcurrency ?? 1): Threads {
  return {
    count: typeof Worker === "function" ? helpersFor(workers) : 0,
    spawn: () => channelOf(new Worker(self.location.href, { type: "module", name: HELPER })),
  };
}

function channelOf(worker: Worker): Channel {
  return {
    post: (message, transfer) => worker.postMessage(message, [...(transfer ?? [])]),
    listen: (onMessage, onEnd) => {
      worker.onmessage = ({ data }) => onMessage(data);
      worker.onerror = ({ message }) => onEnd(message ?? "its code could not be loaded");
      worker.onmessageerror = () => onEnd("a message could not be read");
    },
    close: () => worker.terminate(),
  };
}
