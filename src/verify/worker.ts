/**
 * The worker's side of the pool: boots one interpreter, then sends one message per job, so that the watchdog knows which job is
 * running. Self-contained like interpreterModule, because it is sent as text.
 */
import type { HeapImage, StoredImage } from "./heap-image";
import type { BootOptions, Interpreter, InterpreterModule } from "./interpreter";
import type { Job, JobResult, Limits } from "./jobs";
import type { PyodideLoader } from "./pyodide";

/** Pyodide's scripts by address. */
export interface PyodideFiles {
  readonly loader: string;
  readonly factory: string | null;
}

/** The first message to a worker. */
export interface BootMessage {
  readonly type: "boot";
  readonly files: PyodideFiles;
  readonly options: Omit<BootOptions, "pyodide" | "createPyodideModule" | "cpuMilliseconds" | "snapshot"> & {
    readonly snapshot?: StoredImage;
  };
  /** `snapshot` and `image` answer once with bytes; `run` keeps the interpreter and answers `ready`. */
  readonly goal: "snapshot" | "image" | "run";
  /** Images of the other seeds; the first image is the worker's own. */
  readonly otherImages: readonly StoredImage[];
}

/** To the worker: boot, then batches of jobs. */
export type WorkerRequest =
  | BootMessage
  | { readonly type: "jobs"; readonly batch: number; readonly jobs: readonly Job[]; readonly limits: Limits };

/** From the worker: an image, that it booted, progress, each result, or why it stopped. */
export type WorkerReply =
  | { readonly type: "image"; readonly image: HeapImage }
  | { readonly type: "ready" }
  | { readonly type: "result"; readonly batch: number; readonly index: number; readonly result: JobResult }
  /** The job still runs. `result`: its result if it never ends. */
  | { readonly type: "progress"; readonly batch: number; readonly index: number; readonly result: JobResult | null }
  | { readonly type: "failed"; readonly message: string };

/** The environment of a worker. */
export interface WorkerScope {
  post(reply: WorkerReply, transfer: ArrayBuffer[]): void;
  listen(handler: (request: WorkerRequest) => void): void;
  /** Loads Pyodide's scripts into the realm. */
  loadPyodide(files: PyodideFiles): Promise<{ pyodide: PyodideLoader; createPyodideModule?: unknown }>;
  /** Processor time of this thread; null or absent if the platform does not report it. */
  cpuMilliseconds?(): number | null;
  /** Called after the boot: removes every global that is no longer needed. */
  seal(): void;
}

/** Interface of the closed function below. */
export interface WorkerModule {
  serve(interpreters: InterpreterModule, scope: WorkerScope): void;
}

/** Everything is inside one function, because workers receive its text. */
export function workerModule(): WorkerModule {
  const answerImage = (scope: WorkerScope, image: HeapImage): void =>
    scope.post({ type: "image", image }, [image.parts.buffer, image.bytes.buffer]);

  const inMemory = async ({ bytes, ...image }: StoredImage): Promise<HeapImage> => ({
    ...image,
    bytes: bytes instanceof Uint8Array ? bytes : new Uint8Array(await bytes.arrayBuffer()),
  });

  const boot = async (
    interpreters: InterpreterModule,
    scope: WorkerScope,
    message: BootMessage,
  ): Promise<Interpreter | null> => {
    const { snapshot, ...options } = message.options;
    const interpreter = await interpreters.boot({
      ...options,
      ...(snapshot && { snapshot: await inMemory(snapshot) }),
      cpuMilliseconds: scope.cpuMilliseconds,
      ...(await scope.loadPyodide(message.files)),
    });
    scope.seal();
    if (message.goal === "snapshot") answerImage(scope, interpreter.snapshot());
    if (message.goal === "image") answerImage(scope, interpreter.image());
    if (message.goal !== "run") return null;
    interpreter.setImages([interpreter.image(), ...(await Promise.all(message.otherImages.map(inMemory)))]);
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
        const report = (result: JobResult | null) => scope.post({ type: "progress", batch, index, result }, []);
        if (interpreter) scope.post({ type: "result", batch, index, result: interpreter.run(job, limits, report) }, []);
      });
    });
  };

  return { serve };
}
