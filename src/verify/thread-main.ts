/** The main function of a worker thread. It is sent as text, so it uses only its arguments. */
import type { InterpreterModule } from "./interpreter";
import type { PyodideLoader } from "./pyodide";
import type { WorkerModule, WorkerRequest } from "./worker";

/** The parts of Node's modules `worker_threads` and `fs` that are used. */
interface Realm {
  readonly threads: {
    readonly parentPort: {
      postMessage(message: unknown, transfer: ArrayBuffer[]): void;
      on(event: "message", handler: (message: WorkerRequest) => void): void;
    };
  };
  readonly files: { readlinkSync(path: string): string; readFileSync(path: string, encoding: "utf8"): string };
}

/** The first message of a thread. `times`: the file in which Linux reports its processor time; null on other systems. */
export interface ThreadGreeting {
  readonly type: "thread";
  readonly times: string | null;
}

export function threadMain(
  interpreters: InterpreterModule,
  workers: WorkerModule,
  importModule: (address: string) => Promise<unknown>,
  { threads: { parentPort }, files }: Realm,
): void {
  const findTimes = (): string | null => {
    try {
      return `/proc/${files.readlinkSync("/proc/thread-self")}/schedstat`;
    } catch {
      return null;
    }
  };
  const times = findTimes();
  const greeting: ThreadGreeting = { type: "thread", times };
  parentPort.postMessage(greeting, []);
  workers.serve(interpreters, {
    post: (reply, transfer) => parentPort.postMessage(reply, transfer),
    listen: (handler) => parentPort.on("message", handler),
    // The first number is nanoseconds on a processor.
    cpuMilliseconds: () => (times === null ? null : Number.parseInt(files.readFileSync(times, "utf8"), 10) / 1e6),
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
