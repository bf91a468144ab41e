/** Entry point of a worker that helps our CPU engine in this page. */
import { help } from "../../../cpu/helper";
import { Replicas } from "../../../model/replica";

const scope = self as unknown as DedicatedWorkerGlobalScope;
const channel = {
  post: (message: unknown, transfer: readonly ArrayBuffer[] = []) => scope.postMessage(message, [...transfer]),
  listen: (onMessage: (message: unknown) => void) => {
    scope.onmessage = ({ data }) => onMessage(data);
  },
  close: () => scope.close(),
};

help(channel, (device) => new Replicas(device).perform);
