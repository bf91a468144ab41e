/**
 * The worker's side of the pool: boots one interpreter, then answers jobs one message each, so that a watchdog always
 * knows which job is running. Closed like interpreterModule: it travels as text.
 */
import type { BootOptions, HeapImage, Interpreter, InterpreterModule, PyodideLoader } from "./interpreter";
import type { Job, JobResult, Limits } from "./jobs";

/** Pyodide's scripts by address; where nothing can be fetched, its standard library by content. */
export interface PyodideFiles {
  readonly loader: string;
  readonly factory: string | null;
  /** Empty when booting from a snapshot, which holds what was imported. */
  readonly library: ArrayBuffer | null;
}

/** What a worker is told first. */
export interface BootMessage {
  readonly type: "boot";
  readonly files: PyodideFiles;
  readonly options: Omit<BootOptions, "pyodide" | "createPyodideModule">;
  /** `snapshot` and `image` answer once with bytes; `run` keeps the interpreter and answers `ready`. */
  readonly goal: "snapshot" | "image" | "run";
  /** Images of the other seeds; the first image is the worker's own. */
  readonly otherImages: readonly HeapImage[];
}

/** Down to the worker: to boot, then batches of jobs. */
export type WorkerRequest =
  | BootMessage
  | { readonly type: "jobs"; readonly batch: number; readonly jobs: readonly Job[]; readonly limits: Limits };

/** Up from it: what it booted, each result as it comes, or why it stopped. */
export type WorkerReply =
  | { readonly type: "image"; readonly image: HeapImage }
  | { readonly type: "ready" }
  | { readonly type: "result"; readonly batch: number; readonly index: number; readonly result: JobResult }
  | { readonly type: "failed"; readonly message: string };

/** The realm a worker lives in. */
export interface WorkerScope {
  post(reply: WorkerReply, transfer: ArrayBuffer[]): void;
  listen(handler: (request: WorkerRequest) => void): void;
  /** Brings Pyodide's scripts into the realm. */
  loadPyodide(files: PyodideFiles): Promise<{ pyodide: PyodideLoader; createPyodideModule?: unknown }>;
  /** Called once booted: whatever the realm can do without is removed. */
  seal(): void;
}

/** What the closed function below answers. */
export interface WorkerModule {
  serve(interpreters: InterpreterModule, scope: WorkerScope): void;
}

/** Everything in one function, so that its text is the whole of it. */
export function workerModule(): WorkerModule {
  const answerImage = (scope: WorkerScope, image: HeapImage): void =>
    scope.post({ type: "image", image }, [image.bytes.buffer]);

  const boot = async (
    interpreters: InterpreterModule,
    scope: WorkerScope,
    message: BootMessage,
  ): Promise<Interpreter | null> => {
    const interpreter = await interpreters.boot({
      ...message.options,
      ...(await scope.loadPyodide(message.files)),
    });
    scope.seal();
    if (message.goal === "snapshot") answerImage(scope, interpreter.snapshot());
    if (message.goal === "image") answerImage(scope, interpreter.image());
    if (message.goal !== "run") return null;
    interpreter.setImages([interpreter.image(), ...message.otherImages]);
    scope.post({ type: "ready" }, []);
    return interpreter;
  };

  const serve = (interpreters: InterpreterModule, scope: WorkerScope): void => {
    let interpreter: Interpreter | null = null;
    scope.listen((request) => {
      if (request.type === "boot") {
        boot(interpreters, scope, request).then(
          (booted) => {
            interpreter = booted;
          },
          (error: unknown) => scope.post({ type: "failed", message: String(error) }, []),
        );
        return;
      }
      const { batch, jobs, limits } = request;
      jobs.forEach((job, index) => {
        if (interpreter) scope.post({ type: "result", batch, index, result: interpreter.run(job, limits) }, []);
      });
    });
  };

  return { serve };
}
