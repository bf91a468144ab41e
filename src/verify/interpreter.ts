/**
 * The one file that touches Pyodide's private interface (pinned: 314.0.7). It boots CPython in WebAssembly so that
 *
 *  - a job reaches nothing outside linear memory: every imported function is wrapped and throws, except for growing
 *    memory (capped) and opening the source file of a syntax error (which does not exist);
 *  - steps are counted: a counter replaces the interpreter's own poll for signals and throws at the limit. The count is
 *    part of the heap image, so a program stops at the same count on every engine. It cannot catch the stop;
 *  - every job starts from the same bytes: a copy of linear memory is written back before it runs.
 *
 * Workers in Node and in the jail receive this function as text (`String(interpreterModule)`). So it is closed: it uses only
 * its arguments, the global scope, and types.
 */
import type { ClockModule } from "./clock";
import type { HeapImage, HeapImageModule } from "./heap-image";
import type { JobHost, JobRun, JobRunModule, Prepared, Ran, Ready } from "./job-run";
import type { Job, JobResult, Limits, Outcome, Stop } from "./jobs";
import type { PyodideLoader, PyodideModule, PyodidePrivate } from "./pyodide";

/** Options for booting an interpreter. */
export interface BootOptions {
  readonly pyodide: PyodideLoader;
  /** Pyodide's factory function, if the loader cannot import it by address. */
  readonly createPyodideModule?: unknown;
  /** Folder of Pyodide's files, if it reads them itself. */
  readonly indexURL: string;
  readonly wasm: WebAssembly.Module;
  readonly memoryBytes: number;
  readonly hashSeed: number;
  /** Snapshot to boot from; if absent, boots from the beginning. */
  readonly snapshot?: HeapImage;
  /** Python source that defines `answer(text) -> text`; run if there is no snapshot. */
  readonly guard?: string;
  /** Processor time of the caller's thread in milliseconds; null or absent if the platform does not report it. */
  readonly cpuMilliseconds?: (() => number | null) | undefined;
  /** Jobs that run before the image is taken, so that it contains warm caches. */
  readonly warm?: readonly Job[];
}

/** A booted Python behind the firewall. */
export interface Interpreter {
  /** Only directly after a boot without a snapshot. The interpreter cannot be used afterwards. */
  snapshot(): HeapImage;
  image(): HeapImage;
  /** Sets the images. `job.seed` is an index into them. */
  setImages(images: readonly HeapImage[]): void;
  /** `report` receives the result so far before an input that may never end, and null if the job goes on past a time limit. */
  run(job: Job, limits: Limits, report: (progress: JobResult | null) => void): JobResult;
}

/** Interface of the closed function below. */
export interface InterpreterModule {
  boot(options: BootOptions): Promise<Interpreter>;
}

/** Everything is inside one function, because workers receive its text. */
export function interpreterModule(clocks: ClockModule, heaps: HeapImageModule, runs: JobRunModule): InterpreterModule {
  const PAGE_BYTES = 65536;
  const NO_SUCH_FILE = -44;
  const SOURCE_FILE = "<program>";
  /** Pure programs per heap image; limits fragmentation. */
  const SHARE = 64;
  const UNKNOWN = { seed: -1, shares: 0 };
  /** If other work has the processor, the clock goes on, up to this many times the limit. */
  const PATIENCE = 30;
  /** A program that had this share of its limit as processor time is over it. Less: other work had the processor. */
  const ENOUGH = 0.8;
  /** Shorter calls count in full, without a look at the processor's time. */
  const LONG_MILLISECONDS = 100;
  const POLL = "_Py_CheckEmscriptenSignals_Helper";

  class Halt extends Error {}

  const state = {
    running: false,
    polls: 0,
    mostPolls: 0,
    stop: null as Stop | null,
    detail: "",
    /** Address of the guard's meter: polls so far, polls at the start of the input, index of the input. 0 during preparation. */
    meter: 0,
    words: new Int32Array(0),
    module: null as PyodideModule | null,
    report: (_progress: null): void => {},
  };

  /** The clock of one call. It goes slower while other work has the processor. */
  const clock = {
    share: clocks.createShare(),
    start: 0,
    deadline: 0,
    limit: 0,
    begin(limit: number): void {
      const start = performance.now();
      Object.assign(clock, { start, limit, deadline: start + limit });
      clock.share.begin();
    },
    /** At a time past the deadline: whether the limit is reached. If not, moves the deadline. */
    isOver(now: number): boolean {
      const used = (now - clock.start) * clock.share.read(now);
      if (used >= ENOUGH * clock.limit || now - clock.start > PATIENCE * clock.limit) return true;
      clock.deadline = performance.now() + Math.max(clock.limit - used, 1);
      state.report(null);
      return false;
    },
    isPastLimit(): boolean {
      const now = performance.now();
      return now > clock.deadline && clock.isOver(now);
    },
    /** Milliseconds since the start, without those of other work. */
    used(now: number): number {
      const took = now - clock.start;
      return took < LONG_MILLISECONDS ? took : took * clock.share.read(now);
    },
  };

  const halt = (stop: Stop, detail: string): never => {
    state.stop ??= stop;
    state.detail ||= detail;
    throw new Halt(detail);
  };

  /** Applies to every memory of the realm, so a realm holds one interpreter. */
  const capMemory = (bytes: number): void => {
    const grow = WebAssembly.Memory.prototype.grow;
    WebAssembly.Memory.prototype.grow = function (pages: number): number {
      if (this.buffer.byteLength + pages * PAGE_BYTES > bytes) throw new RangeError("memory cap");
      return grow.call(this, pages);
    };
  };

  /** Linear memory as words, for the meter. Growth replaces the buffer. */
  const words = (): Int32Array => {
    const buffer = state.module?.HEAPU8.buffer;
    if (buffer && state.words.buffer !== buffer) state.words = new Int32Array(buffer);
    return state.words;
  };

  const pollsOfUnit = (): number => state.polls - (state.meter ? (words()[(state.meter >> 2) + 1] ?? 0) : 0);

  let pollLimit = 0;
  const poll = (): number => {
    if (!state.running) return 0;
    state.polls++;
    if (state.meter) words()[state.meter >> 2] = state.polls;
    const polls = pollsOfUnit();
    if (polls > state.mostPolls) state.mostPolls = polls;
    if (polls > pollLimit) halt("steps", "");
    if (clock.isPastLimit()) halt("time", "");
    return 0;
  };

  type ImportFunction = ((...values: number[]) => unknown) & { [property: string]: unknown };

  const copyProperties = (from: ImportFunction, to: ImportFunction): void => {
    const own = new Set(["length", "name", "prototype", "arguments", "caller"]);
    for (const key of Object.getOwnPropertyNames(from)) if (!own.has(key)) to[key] = from[key];
  };

  /** A refused growth ends the job, because a program could catch MemoryError. */
  const guardGrowth = (original: ImportFunction): ImportFunction => {
    const wrapped = (...values: number[]): unknown => {
      const grown = original(...values);
      if (state.running && !grown) halt("memory", "");
      return grown;
    };
    return wrapped as ImportFunction;
  };

  const guardOpen = (original: ImportFunction, text: (pointer: number) => string): ImportFunction => {
    const wrapped = (...values: number[]): unknown => {
      if (!state.running) return original(...values);
      return text(values[1] ?? 0).endsWith(SOURCE_FILE) ? NO_SUCH_FILE : halt("denied", "__syscall_openat");
    };
    return wrapped as ImportFunction;
  };

  const deny = (name: string, original: ImportFunction): ImportFunction => {
    const wrapped = function (this: unknown, ...values: number[]): unknown {
      if (state.running) halt("denied", name);
      return original.apply(this, values);
    };
    return wrapped as ImportFunction;
  };

  const wrapImport = (name: string, value: unknown, text: (pointer: number) => string): unknown => {
    const suspending = (WebAssembly as unknown as { Suspending?: new () => object }).Suspending;
    if (suspending && value instanceof suspending) return () => halt("denied", name);
    // These only call an entry of the function table. The table holds WebAssembly functions and wrapped imports.
    if (typeof value !== "function" || name === "_PyEM_TrampolineCall_JS" || name.startsWith("invoke_")) return value;
    const original = value as ImportFunction;
    const wrapped =
      name === "emscripten_resize_heap"
        ? guardGrowth(original)
        : name === "__syscall_openat"
          ? guardOpen(original, text)
          : deny(name, original);
    copyProperties(original, wrapped);
    return wrapped;
  };

  const wrapImports = (imports: WebAssembly.Imports, text: (pointer: number) => string): void => {
    for (const [space, table] of Object.entries(imports)) {
      if (space.startsWith("GOT")) continue;
      const functions = table as Record<string, unknown>;
      for (const name of Object.keys(functions)) functions[name] = wrapImport(name, functions[name], text);
      if (POLL in functions) functions[POLL] = poll;
    }
  };

  /** Replaces the global functions through which Pyodide instantiates its module. The result restores them. */
  const interceptInstantiation = (wasm: WebAssembly.Module, text: (pointer: number) => string): (() => void) => {
    const { instantiate, instantiateStreaming } = WebAssembly;
    const ours = async (imports: WebAssembly.Imports) => {
      wrapImports(imports, text);
      return { instance: await instantiate(wasm, imports), module: wasm };
    };
    const replace = (original: (...values: never[]) => unknown) => (source: never, imports?: WebAssembly.Imports) =>
      imports?.["env"] && POLL in imports["env"] ? ours(imports) : original(source, imports as never);
    const scope = WebAssembly as unknown as Record<string, unknown>;
    scope["instantiate"] = replace(instantiate as never);
    if (instantiateStreaming) scope["instantiateStreaming"] = replace(instantiateStreaming as never);
    return () => Object.assign(scope, { instantiate, instantiateStreaming });
  };

  const whole = (image: HeapImage): Uint8Array => {
    const memory = new Uint8Array(image.size);
    heaps.writeTo(image, memory);
    return memory;
  };

  const load = async (options: BootOptions): Promise<PyodidePrivate> => {
    const loaded: { module?: PyodideModule } = {};
    const restore = interceptInstantiation(options.wasm, (pointer) => loaded.module?.UTF8ToString(pointer) ?? "");
    const lock = {
      abi_version: "2026_0",
      arch: "wasm32",
      platform: "emscripten_5_0_3",
      python: "3.14.2",
      version: "314.0.7",
    };
    const python = (await options.pyodide.loadPyodide({
      ...(options.createPyodideModule ? { createPyodideModule: options.createPyodideModule } : {}),
      ...(options.snapshot ? { _loadSnapshot: whole(options.snapshot) } : { _makeSnapshot: true }),
      indexURL: options.indexURL,
      lockFileContents: { info: lock, packages: {} },
      packageBaseUrl: "x:/",
      jsglobals: Object.create(null),
      enableRunUntilComplete: false,
      env: { PYTHONHASHSEED: String(options.hashSeed), HOME: "/home/pyodide" },
      stdin: () => null,
      stdout: () => {},
      stderr: () => {},
    })) as PyodidePrivate;
    restore();
    loaded.module = python._module;
    return python;
  };

  /** The guard's `answer`, at its address in the current heap image. */
  interface Guard {
    entry: number;
    call(text: string): string | null;
  }

  /** Calls through the C interface. Pyodide's wrapper would treat our exception as fatal and refuse later calls. */
  const guardOf = (module: PyodideModule): Guard => ({
    entry: 0,
    call(text) {
      const bytes = module.lengthBytesUTF8(text) + 1;
      const buffer = module._malloc(bytes);
      module.stringToUTF8(text, buffer, bytes);
      const argument = module._PyUnicode_FromString(buffer);
      module._free(buffer);
      const result = module._PyObject_CallOneArg(this.entry, argument);
      const characters = result && module._PyUnicode_AsUTF8(result);
      return characters ? module.UTF8ToString(characters) : null;
    },
  });

  /** Defines the guard and warms the caches that every image should contain. */
  const prepare = (python: PyodidePrivate, guard: Guard, { guard: source = "", warm = [] }: BootOptions): void => {
    python.runPython(source);
    guard.entry = python.runPython("id(answer)") as number;
    for (const job of warm) {
      const ready = JSON.parse(guard.call(JSON.stringify({ ...job, shared: false })) ?? "{}");
      if (ready.status === "ready") guard.call("all");
    }
    python.runPython("import gc\ngc.collect()\ngc.freeze()");
  };

  /** The end of a call of the guard: its answer, or the stop. */
  type Answer = { readonly text: string; readonly stop?: undefined } | { readonly stop: Stop; readonly detail: string };

  /** One call of the guard under the firewall. */
  const guarded = (guard: Guard, text: string, limits: Limits): Answer => {
    Object.assign(state, { running: true, polls: 0, stop: null, detail: "" });
    pollLimit = limits.polls;
    if (state.meter) words().fill(0, state.meter >> 2, (state.meter >> 2) + 3);
    clock.begin(limits.milliseconds);
    try {
      const answer = guard.call(text);
      if (answer === null) throw new Error("the guard raised");
      return { text: answer };
    } catch (error) {
      return { stop: state.stop ?? "trap", detail: state.stop ? state.detail : String(error).slice(0, 100) };
    } finally {
      state.running = false;
    }
  };

  const prepareJob = (guard: Guard, job: Job, limits: Limits, shared: boolean): Prepared => {
    state.meter = 0;
    const answer = guarded(guard, JSON.stringify({ ...job, shared }), limits);
    if (answer.stop === undefined) return JSON.parse(answer.text);
    // The parser overflowed the stack. Nothing of the program ran.
    if (answer.stop === "trap") return { status: "refused", reason: "too big" };
    return { status: "stopped", outcome: ["stopped", answer.stop, answer.detail] };
  };

  const runPrepared = (
    guard: Guard,
    { meter }: Ready,
    which: "all" | "first" | "varied",
    limits: Limits,
  ): Ran | Outcome => {
    state.meter = meter;
    const answer = guarded(guard, which, limits);
    return answer.stop === undefined ? JSON.parse(answer.text) : ["stopped", answer.stop, answer.detail];
  };

  /** Runs jobs on heap images, so that no job sees what an earlier one did to the heap. */
  const runnerOf = (module: PyodideModule, guard: Guard): Pick<Interpreter, "setImages" | "run"> => {
    const stackPointer = module.stackSave();
    let images: readonly HeapImage[] = [];
    /** The heap's image, and how many pure programs have used it. Seed -1 if another program may have. */
    let heap = UNKNOWN;

    const reset = (seed: number): void => {
      const image = images[seed];
      if (!image) throw new RangeError(`no heap image ${seed}`);
      module.stackRestore(stackPointer);
      heaps.writeTo(image, module.HEAPU8);
      guard.entry = image.entry;
      heap = UNKNOWN;
    };

    const host: JobHost = {
      prepare: (job, limits, shared) => prepareJob(guard, job, limits, shared),
      run: (ready, which, limits) => runPrepared(guard, ready, which, limits),
      reset,
      usedMilliseconds: () => clock.used(performance.now()),
      pollsOfInput: pollsOfUnit,
      mostPolls: () => state.mostPolls,
      isGrown: (seed) => module.HEAPU8.length > (images[seed]?.size ?? 0),
    };

    return {
      setImages: (given) => {
        images = given;
      },
      /** Consecutive pure programs share an image; any other program runs in a fresh one. */
      run: (job, limits, report) => {
        state.report = report;
        const start = (): JobRun => {
          state.mostPolls = 0;
          return runs.create(host, job, limits, report);
        };
        const finish = (run: JobRun, shares: number): JobResult => {
          heap = run.isShareable() ? { seed: job.seed, shares } : UNKNOWN;
          return run.result();
        };
        if (!job.isolate && heap.seed === job.seed && heap.shares < SHARE) {
          const shares = heap.shares + 1;
          heap = UNKNOWN;
          const run = start();
          if (run.runShared()) return finish(run, shares);
        }
        const run = start();
        run.runAlone();
        return finish(run, 1);
      },
    };
  };

  const boot = async (options: BootOptions): Promise<Interpreter> => {
    capMemory(options.memoryBytes);
    clock.share = clocks.createShare(options.cpuMilliseconds);
    clock.share.begin();
    const python = await load(options);
    const module = python._module;
    state.module = module;
    // Turns polling on; our import is polled instead of this buffer.
    python.setInterruptBuffer(new Uint8Array(1));
    const guard = guardOf(module);
    if (options.snapshot) guard.entry = options.snapshot.entry;
    else prepare(python, guard, options);
    python._api.config._loadSnapshot = undefined;
    return {
      snapshot: () => heaps.take(python._api.makeSnapshot(), guard.entry),
      image: () => heaps.take(module.HEAPU8, guard.entry),
      ...runnerOf(module, guard),
    };
  };

  return { boot };
}
