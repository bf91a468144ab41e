import { helpersFor } from "../cpu/adapter";
import { channelTo } from "../cpu/browser-channel";
import type { Threads } from "../device/helpers";
import { HELPER } from "./helper";

/**
 * Workers that help this one, the trainer, and run its script; none in a browser whose workers cannot make others.
 * @param workers all that compute, this thread included
 */
export function pageThreads(workers = navigator.hardwareConcurrency ?? 1): Threads {
  return {
    count: typeof Worker === "function" ? helpersFor(workers) : 0,
    spawn: () => channelTo(new Worker(self.location.href, { type: "module", name: HELPER })),
  };
}
