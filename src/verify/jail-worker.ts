/** The main function of a worker in the jail. It travels as text, so it uses its arguments and nothing else. */
import type { InterpreterModule, PyodideLoader } from "./interpreter";
import type { WorkerModule, WorkerRequest } from "./worker";

/** The worker's global scope, as far as it is used. */
interface Scope {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  onmessage: ((event: { readonly data: WorkerRequest }) => void) | null;
  fetch?: (address: unknown) => Promise<Response>;
}

export function jailWorkerMain(
  interpreters: InterpreterModule,
  workers: WorkerModule,
  importModule: (address: string) => Promise<unknown>,
  scope: Scope,
): void {
  /** What a sealed worker keeps no way to: network, storage, other contexts, time of its own. */
  const SEALED = [
    "fetch",
    "XMLHttpRequest",
    "WebSocket",
    "WebSocketStream",
    "EventSource",
    "WebTransport",
    "Worker",
    "SharedWorker",
    "BroadcastChannel",
    "MessageChannel",
    "RTCPeerConnection",
    "indexedDB",
    "caches",
    "importScripts",
    "setTimeout",
    "setInterval",
    "postMessage",
  ];
  const post = scope.postMessage.bind(scope);
  // Pyodide looks for a classic worker by this function, and refuses to run in one.
  Object.defineProperty(scope, "importScripts", { value: undefined, configurable: true });

  workers.serve(interpreters, {
    post,
    listen: (handler) => {
      scope.onmessage = ({ data }) => handler(data);
    },
    loadPyodide: async ({ loader, factory, library }) => {
      const headers = { "content-type": "application/wasm" };
      // The module is compiled already: only its address is asked for, and the library by content.
      scope.fetch = async (address) =>
        new Response(String(address).endsWith(".zip") ? library : new Uint8Array(8), { headers });
      const [pyodide, made] = await Promise.all([importModule(loader), importModule(factory ?? "")]);
      return { pyodide: pyodide as PyodideLoader, createPyodideModule: (made as { default: unknown }).default };
    },
    seal: () => {
      for (const name of SEALED) {
        try {
          Object.defineProperty(scope, name, { value: undefined, configurable: false, writable: false });
        } catch {
          // Not every engine lets all of them go; the policy of the frame denies them too.
        }
      }
    },
  });
}
