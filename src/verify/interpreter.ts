/**
 * The one file that touches Pyodide's private interface (pinned: 314.0.7). It boots CPython in WebAssembly so that
 *
 *  - nothing outside linear memory can be reached during a job: every function import is wrapped and throws, but for
 *    growing memory (capped) and looking for the source file of a syntax error (which does not exist);
 *  - steps are counted by the interpreter's own poll for signals, which is replaced by a counter that throws: the count
 *    is part of the heap image, so the same program stops at the same count on every engine, and cannot catch it;
 *  - every job starts from the same bytes: a copy of linear memory is written back before it runs.
 *
 * Workers receive this file as text (`String(interpreterModule)`), in Node and in the jail alike, so the function below
 * is closed: it uses nothing from outside but the global scope and erased types.
 */
import type { Job, JobResult, Limits, Report, Stop } from "./jobs";

/** The private parts of Pyodide that are used. */
interface PyodideModule {
  HEAPU8: Uint8Array<ArrayBuffer>;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  lengthBytesUTF8(text: string): number;
  stringToUTF8(text: string, pointer: number, bytes: number): void;
  UTF8ToString(pointer: number): string;
  stackSave(): number;
  stackRestore(pointer: number): void;
  _PyUnicode_FromString(pointer: number): number;
  _PyUnicode_AsUTF8(object: number): number;
  _PyObject_CallOneArg(callable: number, argument: number): number;
}
interface PyodidePrivate {
  _module: PyodideModule;
  _api: { makeSnapshot(): Uint8Array<ArrayBuffer>; config: { _loadSnapshot?: Uint8Array } };
  setInterruptBuffer(buffer: Uint8Array): void;
  runPython(source: string): unknown;
}

/** Pyodide's own module, as far as it is used. */
export interface PyodideLoader {
  loadPyodide(options: object): Promise<unknown>;
}

/** Linear memory after boot, and the address of the guard's `answer` in it. */
export interface HeapImage {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly entry: number;
}

/** Options for booting an interpreter. */
export interface BootOptions {
  readonly pyodide: PyodideLoader;
  /** Pyodide's own factory, if the loader cannot import it by address. */
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
  /** Jobs run before the heap is frozen, so that caches are warm in every image. */
  readonly warm?: readonly Job[];
}

/** A booted Python behind the firewall. */
export interface Interpreter {
  /** Call only right after a boot without a snapshot. The interpreter cannot be used afterwards. */
  snapshot(): HeapImage;
  image(): HeapImage;
  /** The images that `job.seed` chooses from. */
  setImages(images: readonly HeapImage[]): void;
  run(job: Job, limits: Limits): JobResult;
}

/** Interface of the closed function below. */
export interface InterpreterModule {
  boot(options: BootOptions): Promise<Interpreter>;
}

/** Everything is inside one function, because workers receive its text. */
export function interpreterModule(): InterpreterModule {
  const PAGE_BYTES = 65536;
  const NO_SUCH_FILE = -44;
  const SOURCE_FILE = "<program>";
  /** Pure programs per heap image; limits fragmentation. */
  const SHARE = 64;
  /** The guard's word for "passed the gate": the empty text runs it. */
  const READY = '{"status": "ready"}';
  const POLL = "_Py_CheckEmscriptenSignals_Helper";

  class Halt extends Error {}

  const state = {
    running: false,
    polls: 0,
    limits: { polls: 0, milliseconds: 0 },
    deadline: 0,
    stop: null as Stop | null,
    detail: "",
  };

  const halt = (stop: Stop, detail: string): never => {
    state.stop ??= stop;
    state.detail ||= detail;
    throw new Halt(detail);
  };

  /** One interpreter per realm, because the patched `grow` applies to all. */
  const capMemory = (bytes: number): void => {
    const grow = WebAssembly.Memory.prototype.grow;
    WebAssembly.Memory.prototype.grow = function (pages: number): number {
      if (this.buffer.byteLength + pages * PAGE_BYTES > bytes) throw new RangeError("memory cap");
      return grow.call(this, pages);
    };
  };

  const poll = (): number => {
    if (!state.running) return 0;
    if (++state.polls > state.limits.polls) halt("steps", "");
    if (performance.now() > state.deadline) halt("time", "");
    return 0;
  };

  type ImportFunction = ((...values: number[]) => unknown) & { [property: string]: unknown };

  const copyProperties = (from: ImportFunction, to: ImportFunction): void => {
    const own = new Set(["length", "name", "prototype", "arguments", "caller"]);
    for (const key of Object.getOwnPropertyNames(from)) if (!own.has(key)) to[key] = from[key];
  };

  /** A refused growth ends the job: a program could catch MemoryError. */
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
    // Both only call an entry of the function table, which holds wasm functions and wrapped imports.
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

  /** Pyodide instantiates through the global functions; they are ours until it has. */
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
      ...(options.snapshot ? { _loadSnapshot: options.snapshot.bytes } : { _makeSnapshot: true }),
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

  /** A stretch of an image; null if it is all zero. Half of an image is, and clearing costs a quarter of copying. */
  interface Stretch {
    readonly start: number;
    readonly end: number;
    readonly bytes: Uint8Array | null;
  }

  const isZero = (words: Uint32Array): boolean => {
    for (let index = 0; index < words.length; index++) if (words[index] !== 0) return false;
    return true;
  };

  const stretchesOf = ({ bytes }: HeapImage): Stretch[] => {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
    const pageWords = PAGE_BYTES >> 2;
    const stretches: Stretch[] = [];
    for (let page = 0; page * PAGE_BYTES < bytes.length; page++) {
      const zero = isZero(words.subarray(page * pageWords, (page + 1) * pageWords));
      const last = stretches.at(-1);
      const start = last && (last.bytes === null) === zero ? last.start : page * PAGE_BYTES;
      if (start === last?.start) stretches.pop();
      const end = Math.min((page + 1) * PAGE_BYTES, bytes.length);
      stretches.push({ start, end, bytes: zero ? null : bytes.subarray(start, end) });
    }
    return stretches;
  };

  const writeBack = (memory: Uint8Array, stretches: readonly Stretch[]): void => {
    for (const { start, end, bytes } of stretches) {
      if (bytes) memory.set(bytes, start);
      else memory.fill(0, start, end);
    }
  };

  /** The guard's `answer`, at its address in the current heap image. */
  interface Guard {
    entry: number;
    call(text: string): string | null;
  }

  /** Called through the C interface: Pyodide's own wrapper would turn our throw into a fatal error and refuse later calls. */
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
      if (guard.call(JSON.stringify({ ...job, shared: false })) === READY) guard.call("");
    }
    python.runPython("import gc\ngc.collect()\ngc.freeze()");
  };

  /** One call of the guard under the firewall. Throws when it was stopped or trapped. */
  const guarded = (guard: Guard, text: string): string => {
    state.running = true;
    try {
      const answer = guard.call(text);
      if (answer === null) throw new Error("the guard raised");
      return answer;
    } finally {
      state.running = false;
    }
  };

  /** Runs a job in the current heap. The caller sets `grown`, because it knows the image's size. */
  const attempt = (guard: Guard, job: Job, limits: Limits, shared: boolean): Omit<JobResult, "grown"> => {
    const deadline = performance.now() + limits.milliseconds;
    Object.assign(state, { polls: 0, limits, deadline, stop: null, detail: "" });
    let prepared = false;
    let report: Report | null = null;
    let trap = "";
    try {
      const ready = guarded(guard, JSON.stringify({ ...job, shared }));
      prepared = true;
      // Counted from here: steps are the program's, not the gate's.
      state.polls = 0;
      report = JSON.parse(ready === READY ? guarded(guard, "") : ready);
    } catch (error) {
      trap = String(error).slice(0, 100);
    }
    const { polls } = state;
    if (!trap) return { report, stop: null, detail: "", polls };
    // The parser recursed too deeply: nothing ran.
    if (!prepared && !state.stop)
      return { report: { status: "refused", reason: "too big" }, stop: null, detail: trap, polls };
    return { report: null, stop: state.stop ?? "trap", detail: state.stop ? state.detail : trap, polls };
  };

  /** Nothing but pure programs, or programs the gate refused, has touched the heap: it may be shared. */
  const isShareable = ({ report, detail }: JobResult): boolean =>
    !detail && report !== null && (report.status === "refused" || (report.status === "ran" && report.pure));

  /** Runs jobs on heap images, so that no job sees what an earlier one did to the heap. */
  const runnerOf = (module: PyodideModule, guard: Guard): Pick<Interpreter, "setImages" | "run"> => {
    const stackPointer = module.stackSave();
    let images: readonly (HeapImage & { readonly stretches: readonly Stretch[] })[] = [];
    /** State of the heap: an image unused or used by pure programs only, or anything. */
    let heap = { seed: -1, shares: 0 };

    const reset = (seed: number): void => {
      const image = images[seed];
      if (!image) throw new RangeError(`no heap image ${seed}`);
      module.stackRestore(stackPointer);
      const memory = module.HEAPU8;
      writeBack(memory, image.stretches);
      if (memory.length > image.bytes.length) memory.fill(0, image.bytes.length);
      guard.entry = image.entry;
      heap = { seed, shares: 0 };
    };

    const tried = (job: Job, limits: Limits, shared: boolean): JobResult => {
      const result = attempt(guard, job, limits, shared);
      return { ...result, grown: module.HEAPU8.length > (images[job.seed]?.bytes.length ?? 0) };
    };

    return {
      setImages: (given) => {
        images = given.map((image) => ({ ...image, stretches: stretchesOf(image) }));
      },
      /** Pure programs follow each other in one image; whatever else the guard or a stop finds runs in a fresh one. */
      run: (job, limits) => {
        if (!job.isolate && heap.seed === job.seed && heap.shares < SHARE) {
          heap.shares++;
          const result = tried(job, limits, true);
          if (isShareable(result)) return result;
        }
        reset(job.seed);
        const result = tried(job, limits, false);
        heap = isShareable(result) ? { seed: job.seed, shares: 1 } : { seed: -1, shares: 0 };
        return result;
      },
    };
  };

  const boot = async (options: BootOptions): Promise<Interpreter> => {
    capMemory(options.memoryBytes);
    const python = await load(options);
    const module = python._module;
    // Turns polling on; our import is polled instead of this buffer.
    python.setInterruptBuffer(new Uint8Array(1));
    const guard = guardOf(module);
    if (options.snapshot) guard.entry = options.snapshot.entry;
    else prepare(python, guard, options);
    python._api.config._loadSnapshot = undefined;
    return {
      snapshot: () => ({ bytes: python._api.makeSnapshot(), entry: guard.entry }),
      image: () => ({ bytes: module.HEAPU8.slice(), entry: guard.entry }),
      ...runnerOf(module, guard),
    };
  };

  return { boot };
}
