/** The channel between two workers of a browser, at both ends. */
import type { Channel } from "../device/helpers";

/** The part of a worker that its maker uses. */
interface MadeWorker {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  terminate(): void;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onerror: ((event: { readonly message?: string; preventDefault(): void }) => void) | null;
  onmessageerror: (() => void) | null;
}

/** The part of a worker's own scope that is used. */
interface OwnScope {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  close(): void;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
}

/** To a worker that was made here. */
export function channelTo(worker: unknown): Channel {
  const made = worker as MadeWorker;
  return {
    post: (message, transfer = []) => made.postMessage(message, [...transfer]),
    listen: (onMessage, onEnd) => {
      made.onmessage = ({ data }) => onMessage(data);
      made.onerror = (event) => {
        // Else it would count as an error of the worker that made this one, and end that too.
        event.preventDefault();
        onEnd(event.message ?? "its code could not be loaded");
      };
      made.onmessageerror = () => onEnd("a message could not be read");
    },
    close: () => made.terminate(),
  };
}

/** From a worker to the one that made it. */
export function channelFrom(scope: unknown): Channel {
  const own = scope as OwnScope;
  return {
    post: (message, transfer = []) => own.postMessage(message, [...transfer]),
    listen: (onMessage) => {
      own.onmessage = ({ data }) => onMessage(data);
    },
    close: () => own.close(),
  };
}
