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
import type { ClockModule } from "./clock";
import type { Job, JobResult, Limits, Outcome, Report, Stop } from "./jobs";

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
  /** Processor time of the caller's thread, where the platform tells. */
  readonly cpuMilliseconds?: (() => number | null) | undefined;
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
  /** Tells what it has before an input that may never end, and that it is still at work where it goes on past a limit. */
  run(job: Job, limits: Limits, tell: (progress: JobResult | null) => void): JobResult;
}

/** Interface of the closed function below. */
export interface InterpreterModule {
  boot(options: BootOptions): Promise<Interpreter>;
}

/** Everything is inside one function, because workers receive its text. */
export function interpreterModule(clocks: ClockModule): InterpreterModule {
  const PAGE_BYTES = 65536;
  const NO_SUCH_FILE = -44;
  const SOURCE_FILE = "<program>";
  /** Pure programs per heap image; limits fragmentation. */
  const SHARE = 64;
  /** The clock goes on where other work had the processor, up to this many times the limit. */
  const PATIENCE = 30;
  /** From this share of a limit on, time was not short for want of the processor. */
  const ENOUGH = 0.8;
  /** Calls that took less are charged as they are. */
  const LONG_MILLISECONDS = 100;
  const POLL = "_Py_CheckEmscriptenSignals_Helper";

  class Halt extends Error {}

  const state = {
    running: false,
    polls: 0,
    mostPolls: 0,
    stop: null as Stop | null,
    detail: "",
    /** Address of the guard's meter: polls so far, polls when the input began, which input it is. 0 while it prepares. */
    meter: 0,
    words: new Int32Array(0),
    module: null as PyodideModule | null,
    tell: (_progress: null): void => {},
  };

  /** The clock of one call: it goes slower where the processor is shared. */
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
    /** Whether the limit is reached, at a time past the deadline. */
    isOver(now: number): boolean {
      const used = (now - clock.start) * clock.share.read(now);
      if (used >= ENOUGH * clock.limit || now - clock.start > PATIENCE * clock.limit) return true;
      clock.deadline = performance.now() + Math.max(clock.limit - used, 1);
      state.tell(null);
      return false;
    },
    look(): boolean {
      const now = performance.now();
      return now > clock.deadline && clock.isOver(now);
    },
    /** Milliseconds since the start that were the program's. */
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

  /** One interpreter per realm, because the patched `grow` applies to all. */
  const capMemory = (bytes: number): void => {
    const grow = WebAssembly.Memory.prototype.grow;
    WebAssembly.Memory.prototype.grow = function (pages: number): number {
      if (this.buffer.byteLength + pages * PAGE_BYTES > bytes) throw new RangeError("memory cap");
      return grow.call(this, pages);
    };
  };

  /** The meter as it lies in memory; growth replaces the buffer. */
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
    if (clock.look()) halt("time", "");
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
      const ready = JSON.parse(guard.call(JSON.stringify({ ...job, shared: false })) ?? "{}");
      if (ready.status === "ready") guard.call("all");
    }
    python.runPython("import gc\ngc.collect()\ngc.freeze()");
  };

  /** How a call of the guard ended: its answer, or the stop. */
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

  /** What the guard says of a job that waits to run. */
  interface Ready {
    readonly status: "ready";
    readonly pure: boolean;
    readonly meter: number;
    readonly probes: readonly string[];
    readonly inputs: readonly string[];
    readonly keys: readonly string[];
    readonly source: string;
    readonly normalized: string;
  }
  interface Ran {
    readonly results: readonly Outcome[];
    readonly polls: readonly number[];
  }
  type Prepared =
    | Ready
    | Exclude<Report, { status: "ran" }>
    | { readonly status: "stopped"; readonly outcome: Outcome };

  const prepareJob = (guard: Guard, job: Job, limits: Limits, shared: boolean): Prepared => {
    state.meter = 0;
    const answer = guarded(guard, JSON.stringify({ ...job, shared }), limits);
    if (answer.stop === undefined) return JSON.parse(answer.text);
    // The parser recursed too deeply: nothing ran.
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

  const isOutcome = (ran: Ran | Outcome): ran is Outcome => Array.isArray(ran);

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
      heap = { seed: -1, shares: 0 };
    };

    /** A job in the making. */
    class Course {
      private readonly start = performance.now();
      private used = 0;
      readonly results: Outcome[] = [];
      readonly polls: number[] = [];
      readonly varied: Outcome[] = [];
      private ready: Ready | null = null;
      /** What is in the heap is not what pure programs leave behind. */
      private dirty = false;
      private refusal: Report | null = null;

      constructor(
        private readonly job: Job,
        private readonly limits: Limits,
        private readonly tell: (progress: JobResult | null) => void,
      ) {
        state.mostPolls = 0;
      }

      /** In an image that pure programs have used; false where this one may not. */
      shared(): boolean {
        const prepared = this.prepare(this.job, true);
        if (prepared.status === "refused" || prepared.status === "read") return true;
        if (prepared.status !== "ready" || !prepared.pure || !this.together(prepared)) return false;
        this.vary(prepared);
        return true;
      }

      /** In an image of its own: a pure program with all its inputs, any other with each. */
      alone(): void {
        reset(this.job.seed);
        let prepared = this.prepare(this.job, false);
        if (prepared.status !== "ready") return;
        const together = prepared.pure && !this.job.isolate;
        if (together && !this.together(prepared)) {
          reset(this.job.seed);
          prepared = this.prepare(this.job, false);
          if (prepared.status === "ready") this.apart(prepared);
        } else if (!together) this.apart(prepared);
        if (prepared.status === "ready") this.vary(prepared);
      }

      private prepare(job: Job, shared: boolean): Prepared {
        const prepared = prepareJob(guard, job, this.remaining(), shared);
        this.spend();
        if (prepared.status === "ready") this.ready ??= prepared;
        else if (prepared.status === "stopped") this.results.push(prepared.outcome);
        else this.refusal = prepared;
        return prepared;
      }

      private together(prepared: Ready): boolean {
        const ran = runPrepared(guard, prepared, "all", this.remaining());
        this.spend();
        if (isOutcome(ran)) return false;
        for (const outcome of ran.results) this.results.push(outcome);
        for (const polls of ran.polls) this.polls.push(polls);
        return true;
      }

      /** The first input where the job is prepared already, every other in a fresh image. */
      private apart(prepared: Ready): void {
        for (const [index, input] of this.job.inputs.entries()) {
          if (index > 0) this.tell(this.resultWith("hang"));
          const [outcome, polls] = index === 0 ? this.unit(prepared) : this.afresh({ ...this.job, inputs: [input] });
          this.results.push(outcome);
          this.polls.push(polls);
          if (this.job.untilFault && outcome[0] !== "ok") return;
        }
      }

      /** The variations of an input that gave an output in few enough steps: together where they can be, else apart. */
      private vary(prepared: Ready): void {
        const { job } = this;
        if (prepared.probes.length === 0 || this.results.some(([kind]) => kind !== "ok")) return;
        if (this.polls.some((polls) => polls > job.varyBelow)) return;
        if (prepared.pure && !job.isolate && !this.dirty) {
          const ran = runPrepared(guard, prepared, "varied", this.remaining());
          this.spend();
          if (!isOutcome(ran)) {
            for (const outcome of ran.results) this.varied.push(outcome);
            return;
          }
          this.dirty = true;
        }
        const plain = { ...job, twice: false, settle: false };
        for (const probe of prepared.probes) {
          this.tell(this.resultWith("hang"));
          this.varied.push(this.afresh({ ...plain, inputs: [probe] })[0]);
        }
      }

      private unit(prepared: Ready): [Outcome, number] {
        this.dirty = true;
        const ran = runPrepared(guard, prepared, "first", this.remaining());
        this.spend();
        return isOutcome(ran) ? [ran, pollsOfUnit()] : [ran.results[0] as Outcome, ran.polls[0] ?? 0];
      }

      private afresh(job: Job): [Outcome, number] {
        if (this.remaining().milliseconds <= 0) return [["stopped", "time", "the program's time is spent"], 0];
        reset(this.job.seed);
        const prepared = prepareJob(guard, { ...job, probe: "", describe: false }, this.remaining(), false);
        this.spend();
        if (prepared.status === "ready") return this.unit(prepared);
        return [prepared.status === "stopped" ? prepared.outcome : ["stopped", "trap", "could not be read again"], 0];
      }

      private spend(): void {
        this.used += clock.used(performance.now());
      }

      private remaining(): Limits {
        const { milliseconds, polls } = this.limits;
        return { polls, milliseconds: Math.min(milliseconds, this.job.milliseconds - this.used) };
      }

      private resultWith(stop: Stop): JobResult {
        const last: Outcome = ["stopped", stop, ""];
        const varying = this.results.length === this.job.inputs.length;
        const unfinished = (this.ready?.probes.length ?? 0) - this.varied.length;
        const varied = varying ? [...this.varied, ...Array.from({ length: unfinished }, () => last)] : [];
        return this.resultOf(varying ? this.results : [...this.results, last], varied);
      }

      private resultOf(results: readonly Outcome[], varied: readonly Outcome[]): JobResult {
        const { ready } = this;
        const stopped = results.find((outcome) => outcome[0] === "stopped");
        const probes =
          ready?.probes.slice(0, varied.length).map((probe, index) => [probe, varied[index]!] as const) ?? [];
        const { pure = false, inputs = [], keys = [], source = "", normalized = "" } = ready ?? {};
        const polls = [...this.polls];
        return {
          report: this.refusal ?? { status: "ran", pure, results, polls, probes, inputs, keys, source, normalized },
          stop: stopped?.[1] ?? null,
          detail: stopped?.[2] ?? "",
          polls: state.mostPolls,
          milliseconds: Math.min(this.used, performance.now() - this.start),
          grown: module.HEAPU8.length > (images[this.job.seed]?.bytes.length ?? 0),
        };
      }

      result(): JobResult {
        return this.resultOf(this.results, this.varied);
      }

      /** Nothing but a pure program, or one the gate refused, has touched the heap: it may be shared. */
      isShareable(): boolean {
        if (this.refusal) return this.refusal.status === "refused" && this.refusal.reason !== "too big";
        return this.ready?.pure === true && !this.dirty && !this.results.some(([kind]) => kind === "stopped");
      }
    }

    return {
      setImages: (given) => {
        images = given.map((image) => ({ ...image, stretches: stretchesOf(image) }));
      },
      /** Pure programs follow each other in one image; whatever else the guard or a stop finds runs in a fresh one. */
      run: (job, limits, tell) => {
        state.tell = tell;
        if (!job.isolate && heap.seed === job.seed && heap.shares < SHARE) {
          const { shares } = heap;
          heap = { seed: -1, shares: 0 };
          const course = new Course(job, limits, tell);
          const done = course.shared();
          if (done && course.isShareable()) heap = { seed: job.seed, shares: shares + 1 };
          if (done) return course.result();
        }
        const course = new Course(job, limits, tell);
        course.alone();
        if (course.isShareable()) heap = { seed: job.seed, shares: 1 };
        return course.result();
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
      snapshot: () => ({ bytes: python._api.makeSnapshot(), entry: guard.entry }),
      image: () => ({ bytes: module.HEAPU8.slice(), entry: guard.entry }),
      ...runnerOf(module, guard),
    };
  };

  return { boot };
}
