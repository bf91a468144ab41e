/** The main function of a worker thread. It is sent as text, so it uses only its arguments. */
import type { InterpreterModule, PyodideLoader } from "./interpreter";
import type { WorkerModule, WorkerRequest } from "./worker";

/** The part of Node's `worker_threads` that is used. */
interface Threads {
  readonly parentPort: {
    postMessage(message: unknown, transfer: ArrayBuffer[]): void;
    on(event: "message", handler: (message: WorkerRequest) => void): void;
  };
}

export function threadMain(
  interpreters: InterpreterModule,
  workers: WorkerModule,
  importModule: (address: string) => Promise<unknown>,
  { parentPort }: Threads,
): void {
  workers.serve(interpreters, {
    post: (reply, transfer) => parentPort.postMessage(reply, transfer),
    listen: (handler) => parentPort.on("message", handler),
    loadPyodide: async ({ loader }) => ({ pyodide: (await importModule(loader)) as PyodideLoader }),
    seal: () => {
      for (const name of [
        "fetch",
        "process",
        "require",
        "WebSocket",
        "BroadcastChannel",
        "setInterval",
        "setImmediate",
      ]) {
        Reflect.deleteProperty(globalThis, name);
      }
    },
  });
}
