/** The main function of a worker in the jail. It is sent as text, so it uses only its arguments. */
import type { InterpreterModule } from "./interpreter";
import type { PyodideLoader } from "./pyodide";
import type { WorkerModule, WorkerRequest } from "./worker";

/** The part of the worker's global scope that is used. */
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
  /** Globals that a sealed worker loses: network, storage, other contexts, timers. */
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
  // Pyodide recognises a classic worker by this function and refuses to run in it.
  Object.defineProperty(scope, "importScripts", { value: undefined, configurable: true });

  workers.serve(interpreters, {
    post,
    listen: (handler) => {
      scope.onmessage = ({ data }) => handler(data);
    },
    loadPyodide: async ({ loader, factory }) => {
      const headers = { "content-type": "application/wasm" };
      // Pyodide fetches the module, which is already compiled: any bytes do. It fetches its library, whose modules are in the image.
      scope.fetch = async (address) =>
        new Response(String(address).endsWith(".zip") ? null : new Uint8Array(8), { headers });
      const [pyodide, made] = await Promise.all([importModule(loader), importModule(factory ?? "")]);
      return { pyodide: pyodide as PyodideLoader, createPyodideModule: (made as { default: unknown }).default };
    },
    seal: () => {
      for (const name of SEALED) {
        try {
          Object.defineProperty(scope, name, { value: undefined, configurable: false, writable: false });
        } catch {
          // Some engines refuse some of these. The frame's policy blocks them too.
        }
      }
    },
  });
}
