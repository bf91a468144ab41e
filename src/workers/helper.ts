/** The trainer's script in a worker that helps its CPU engine: one file serves both, so that it is fetched once. */
import { channelFrom } from "../cpu/browser-channel";
import { help } from "../cpu/helper";
import { Replicas } from "../model/replica";

/** Name of such a worker. */
export const HELPER = "helper";

/** Serves the worker that made this one. */
export function helpOwner(scope: DedicatedWorkerGlobalScope): void {
  help(channelFrom(scope), (device) => new Replicas(device).perform);
}
