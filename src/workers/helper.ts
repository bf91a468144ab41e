/** Entry point of a worker that helps the trainer's CPU engine. */
import { help } from "../cpu/helper";
import type { Channel } from "../device/helpers";
import { Replicas } from "../model/replica";

const scope = self as unknown as DedicatedWorkerGlobalScope;
const channel: Channel = {
  post: (message, transfer) => scope.postMessage(message, [...(transfer ?? [])]),
  listen: (onMessage) => {
    scope.onmessage = ({ data }) => onMessage(data);
  },
  close: () => scope.close(),
};

help(channel, (device) => new Replicas(device).perform);
