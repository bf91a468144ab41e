/**
 * One active worker and a watchdog. If a job never returns, the watchdog ends its worker at the time limit, another replaces it, and
 * the remaining jobs follow. Where workers are lost, a spare is kept booted. Closed like interpreterModule: in the jail the frame runs it, because only
 * the frame can end its workers.
 */
import type { ClockModule } from "./clock";
import type { HeapImage, StoredImage } from "./heap-image";
import type { Job, JobResult, Limits } from "./jobs";
import type { BootMessage, PyodideFiles, WorkerReply, WorkerRequest } from "./worker";

/** A worker, on any platform. */
export interface WorkerHandle {
  post(request: WorkerRequest): void;
  /** Sets the only handler. A worker that dies sends `failed`. */
  listen(handler: (reply: WorkerReply) => void): void;
  terminate(): void;
  /** Processor time of the worker's thread; null or absent if the platform does not report it. */
  cpuMilliseconds?(): number | null;
}

/** For a fast boot: the snapshot of the first hash seed and the heap images of the others. */
export interface Images<Image = StoredImage> {
  readonly snapshot: Image;
  readonly others: readonly Image[];
}

/** Options for the workers. */
export interface PoolOptions {
  spawn(): WorkerHandle;
  readonly wasm: WebAssembly.Module;
  readonly indexURL: string;
  readonly files: PyodideFiles;
  readonly memoryBytes: number;
  /** Whether to keep a second worker booted from the first loss on. Most runs lose none. */
  readonly spare: boolean;
}

/** What heap images are built from. */
export interface GuardSource {
  readonly guard: string;
  readonly warm: readonly Job[];
  readonly hashSeeds: readonly number[];
}

/** Workers that run jobs one after another. */
export interface Pool {
  /** One result per job, in order. Batches queue up. */
  run(jobs: readonly Job[], limits: Limits): Promise<JobResult[]>;
  dispose(): Promise<void>;
}

/** Interface of the closed function below. */
export interface PoolModule {
  buildImages(options: PoolOptions, source: GuardSource): Promise<Images<HeapImage>>;
  createPool(options: PoolOptions, images: Images): Promise<Pool>;
}

/** Everything is inside one function, because the frame receives its text. */
export function poolModule(clocks: ClockModule): PoolModule {
  /** Jobs after which a worker is replaced; limits any drift on the JavaScript side. */
  const RECYCLE_JOBS = 5000;
  /** Much longer than the slowest boot: a worker that is silent for this long is blocked. */
  const BOOT_MILLISECONDS = 120_000;
  /** A tick as a share of the time limit. A silence of HANG_TICKS is a hang: 1.1 to 1.4 times the limit. */
  const TICK_SHARE = 0.28;
  const HANG_TICKS = 4;
  /** A worker that never gets the processor is ended after this many ticks. */
  const MOST_TICKS = 24;
  /** A silent worker hangs if it had the processor for this share of the limit. */
  const ENOUGH = 0.8;
  /** Shorter ticks would be unreliable on a busy machine. */
  const LEAST_TICK_MILLISECONDS = 100;

  const boot = (options: PoolOptions, message: Omit<BootMessage, "type">): Promise<[WorkerHandle, WorkerReply]> =>
    new Promise((resolve, reject) => {
      const worker = options.spawn();
      const fail = (reason: string): void => {
        clearTimeout(timer);
        worker.terminate();
        reject(new Error(reason));
      };
      const timer = setTimeout(
        () => fail(`its worker gave no sign of life for ${BOOT_MILLISECONDS / 1000} seconds`),
        BOOT_MILLISECONDS,
      );
      worker.listen((reply) => {
        if (reply.type === "failed") return fail(reply.message);
        clearTimeout(timer);
        resolve([worker, reply]);
      });
      worker.post({ type: "boot", ...message });
    });

  const bootOnce = async (options: PoolOptions, message: Omit<BootMessage, "type">): Promise<HeapImage> => {
    const [worker, reply] = await boot(options, message);
    worker.terminate();
    if (reply.type !== "image") throw new Error(`unexpected reply ${reply.type}`);
    return reply.image;
  };

  const buildImages = async (options: PoolOptions, source: GuardSource): Promise<Images<HeapImage>> => {
    const { wasm, indexURL, memoryBytes, files } = options;
    const base = { wasm, indexURL, memoryBytes };
    const build = async (hashSeed: number, index: number): Promise<HeapImage> => {
      const fresh = { ...base, hashSeed, guard: source.guard, warm: source.warm };
      const snapshot = await bootOnce(options, {
        files,
        options: fresh,
        goal: "snapshot",
        otherImages: [],
      });
      if (index === 0) return snapshot;
      return bootOnce(options, {
        files,
        options: { ...base, hashSeed, snapshot },
        goal: "image",
        otherImages: [],
      });
    };
    const [snapshot, ...others] = await Promise.all(source.hashSeeds.map(build));
    if (!snapshot) throw new RangeError("no hash seed");
    return { snapshot, others };
  };

  const lost = (stop: "hang" | "trap", detail: string, milliseconds: number): JobResult => ({
    report: null,
    stop,
    detail,
    polls: 0,
    milliseconds,
    grown: false,
  });

  /** Runs jobs in order and adds their results. False if the worker ended before the last job. */
  const runOn = (
    worker: WorkerHandle,
    batch: number,
    jobs: readonly Job[],
    limits: Limits,
    results: JobResult[],
  ): Promise<boolean> =>
    new Promise((resolve) => {
      const done = results.length;
      const wanted = done + jobs.length;
      let ended = false;
      const end = (alive: boolean): void => {
        ended = true;
        clearTimeout(watchdog);
        worker.listen(() => {});
        resolve(alive);
      };
      const lose = (stop: "hang" | "trap", detail: string): void => {
        const took = performance.now() - startOfJob;
        results.push(reached ? { ...reached, milliseconds: took } : lost(stop, detail, took));
        end(false);
      };
      let startOfJob = performance.now();
      /** The result so far of the job that runs. */
      let reached: JobResult | null = null;
      /** For the time that is left to the job. */
      const tickMilliseconds = (): number => {
        const { milliseconds, ownTime } = jobs[results.length - done]!;
        const left = ownTime ? milliseconds : milliseconds - (reached?.milliseconds ?? 0);
        return Math.max(TICK_SHARE * Math.min(limits.milliseconds, left), LEAST_TICK_MILLISECONDS);
      };
      let tick = tickMilliseconds();
      let words = 0;
      let seen = -1;
      let idle = 0;
      let silentFrom = 0;
      const share = clocks.createShare(worker.cpuMilliseconds?.bind(worker));
      /** A worker without processor time is not hung: other work has the processor. */
      const isHung = (): boolean => {
        if (idle < HANG_TICKS) return false;
        const now = performance.now();
        const silent = (now - silentFrom) * share.read(now);
        return silent >= ENOUGH * HANG_TICKS * tick || idle > MOST_TICKS;
      };
      const watch = (): void => {
        if (ended) return;
        const now = performance.now();
        idle = seen === words ? idle + 1 : 0;
        if (idle === 0) {
          tick = tickMilliseconds();
          silentFrom = now;
          share.begin();
        }
        if (isHung()) {
          lose("hang", "");
          return;
        }
        seen = words;
        watchdog = setTimeout(watch, tick);
      };
      let watchdog: ReturnType<typeof setTimeout>;
      worker.listen((reply) => {
        if (reply.type === "failed") {
          reached = null;
          return lose("trap", reply.message);
        }
        // Only one result per job, in order, of this batch counts. All other messages are ignored.
        if (reply.type !== "result" && reply.type !== "progress") return;
        if (reply.batch !== batch || reply.index !== results.length - done) return;
        words++;
        if (reply.type === "progress") {
          reached = reply.result ?? reached;
          return;
        }
        startOfJob = performance.now();
        reached = null;
        results.push(reply.result);
        if (results.length === wanted) end(true);
      });
      worker.post({ type: "jobs", batch, jobs, limits });
      watch();
    });

  const createPool = async (options: PoolOptions, images: Images): Promise<Pool> => {
    const { wasm, indexURL, memoryBytes, files } = options;
    const start = async (): Promise<WorkerHandle> => {
      const settings = { wasm, indexURL, memoryBytes, hashSeed: 0, snapshot: images.snapshot };
      return (await boot(options, { files, options: settings, goal: "run", otherImages: images.others }))[0];
    };
    let disposed = false;
    let batches = 0;
    let served = 0;
    let isWorn = false;
    let active = await start();
    let spare: WorkerHandle | null = null;
    let spareBoot: Promise<void> | null = null;

    const warmSpare = (): void => {
      if (!options.spare || spare || spareBoot || disposed) return;
      const keep = (worker: WorkerHandle): void => {
        if (disposed) worker.terminate();
        else spare = worker;
      };
      // Without a spare, the next replacement boots when it is needed, and reports its own failure.
      const booting = start().then(keep, () => {});
      spareBoot = booting.then(() => {
        spareBoot = null;
      });
    };
    const replaceActive = async (): Promise<void> => {
      active.terminate();
      await spareBoot;
      active = spare ?? (await start());
      spare = null;
      served = 0;
      isWorn = false;
      warmSpare();
    };

    /** A worn worker still works, only more slowly. It stays until the spare is ready. */
    const renew = async (results: readonly JobResult[]): Promise<void> => {
      isWorn ||= served >= RECYCLE_JOBS || results.some(({ stop, grown }) => stop === "denied" || grown);
      if (!isWorn) return;
      if (spare || !options.spare) await replaceActive();
      else warmSpare();
    };

    const runAll = async (jobs: readonly Job[], limits: Limits): Promise<JobResult[]> => {
      const results: JobResult[] = [];
      while (results.length < jobs.length) {
        const before = results.length;
        const alive = await runOn(active, ++batches, jobs.slice(before), limits, results);
        served += results.length - before;
        if (!alive) await replaceActive();
      }
      return results;
    };

    let queue: Promise<unknown> = Promise.resolve();
    return {
      run: (jobs, limits) => {
        // A run may end while jobs are on their way. They start no worker.
        if (disposed) return Promise.reject(new Error("the interpreters were closed"));
        const turn = queue.then(() => runAll(jobs, limits));
        queue = turn.then(renew).catch(() => {});
        return turn;
      },
      dispose: async () => {
        disposed = true;
        await queue;
        active.terminate();
        await spareBoot;
        spare?.terminate();
      },
    };
  };

  return { buildImages, createPool };
}
