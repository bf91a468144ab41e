/** The trainer's script in a worker that helps its CPU engine: one file serves both, so that it is fetched once. */
import { help } from "../cpu/helper";
import type { Channel } from "../device/helpers";
import { Replicas } from "../model/replica";

/** Name of such a worker. */
export const HELPER = "helper";

/** Serves the worker that made this one. */
export function helpOwner(scope: DedicatedWorkerGlobalScope): void {
  const channel: Channel = {
    post: (message, transfer) => scope.postMessage(message, [...(transfer ?? [])]),
    listen: (onMessage) => {
      scope.onmessage = ({ data }) => onMessage(data);
    },
    close: () => scope.close(),
  };
  help(channel, (device) => new Replicas(device).perform);
}
