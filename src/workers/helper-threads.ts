import { helpersFor } from "../cpu/adapter";
import type { Channel, Threads } from "../device/helpers";

/** Workers that help the trainer's own thread; none in a browser whose workers cannot make others. */
export function pageThreads(): Threads {
  const cores = typeof Worker === "function" ? (navigator.hardwareConcurrency ?? 1) : 1;
  return {
    count: helpersFor(cores),
    spawn: () => channelOf(new Worker(new URL("./helper.ts", import.meta.url), { type: "module" })),
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
