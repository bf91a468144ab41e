import { MessageChannel, type MessagePort } from "node:worker_threads";
import { cpuAdapter } from "../../src/cpu/adapter";
import { help } from "../../src/cpu/helper";
import type { Device } from "../../src/device/device";
import type { Channel, Threads } from "../../src/device/helpers";
import { type Engine, openEngine } from "../../src/model/engine";
import { Replicas } from "../../src/model/replica";

/** A helper in this thread: the same messages and the same devices as in threads of their own, one turn after another. */
export interface NearHelper {
  device: Device | null;
  /** Ends it, as if its thread had died. */
  die(): void;
}

export function nearThreads(count: number): Threads & { readonly helpers: NearHelper[] } {
  const helpers: NearHelper[] = [];
  const spawn = (): Channel => {
    const { port1, port2 } = new MessageChannel();
    const helper: NearHelper = { device: null, die: () => port2.close() };
    helpers.push(helper);
    help(channelOf(port2), (device) => {
      helper.device = device;
      return new Replicas(device).perform;
    });
    return channelOf(port1);
  };
  return { count, spawn, helpers };
}

function channelOf(port: MessagePort): Channel {
  return {
    post: (message, transfer) => port.postMessage(message, transfer),
    listen: (onMessage, onEnd) => {
      port.on("message", onMessage);
      port.on("close", () => onEnd("it died"));
    },
    close: () => port.close(),
  };
}

/** A CPU engine with this many workers, all in this thread. */
export async function openWorkers(
  workers: number,
  free?: () => number,
): Promise<{ engine: Engine; helpers: NearHelper[] }> {
  const threads = nearThreads(workers - 1);
  const engine = await openEngine(cpuAdapter("plain", { threads, ...(free && { free }) }));
  return { engine, helpers: threads.helpers };
}
