import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { clockModule } from "../../src/verify/clock";
import type { HeapImage } from "../../src/verify/heap-image";
import { type PoolOptions, poolModule, type WorkerHandle } from "../../src/verify/pool";
import type { BootMessage, WorkerReply, WorkerRequest } from "../../src/verify/worker";
import { plainJob, resultOf } from "./jobs";

const LIMITS = { polls: 10, milliseconds: 1000 };
const JOB = plainJob("p");
const image = (entry: number): HeapImage => ({ size: 8, entry, parts: new Uint32Array(), bytes: new Uint8Array() });
const IMAGES = { snapshot: image(1), others: [image(2)] };

/** A worker without an interpreter: the test says what it says. */
class FakeWorker implements WorkerHandle {
  readonly requests: WorkerRequest[] = [];
  alive = true;
  say: (reply: WorkerReply) => void = () => {};

  constructor(private readonly answer: (request: WorkerRequest, worker: FakeWorker) => void) {}
  post(request: WorkerRequest): void {
    this.requests.push(request);
    this.answer(request, this);
  }
  listen(handler: (reply: WorkerReply) => void): void {
    this.say = handler;
  }
  terminate(): void {
    this.alive = false;
  }
}

/** Boots at once, and answers every job with its index. */
function honest(request: WorkerRequest, worker: FakeWorker): void {
  if (request.type === "boot") worker.say({ type: "ready" });
  else
    for (const index of request.jobs.keys())
      worker.say({ type: "result", batch: request.batch, index, result: resultOf(String(index)) });
}

function poolOf(workers: FakeWorker[], behaviour = honest, spare = false) {
  const options = {
    spawn: () => {
      workers.push(new FakeWorker(behaviour));
      return workers.at(-1)!;
    },
    indexURL: "",
    files: { loader: "", factory: null, library: null },
    memoryBytes: 0,
    spare,
  } as unknown as PoolOptions;
  return poolModule(clockModule()).createPool(options, IMAGES);
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a pool", () => {
  it("needs one worker for both hash seeds where memory is short", async () => {
    const workers: FakeWorker[] = [];
    const pool = await poolOf(workers);
    await pool.run([JOB, { ...JOB, seed: 1 }], LIMITS);
    expect(workers).toHaveLength(1);
    const [boot, run] = workers[0]!.requests;
    expect((boot as BootMessage).options.snapshot).toBe(IMAGES.snapshot);
    expect((boot as BootMessage).otherImages).toBe(IMAGES.others);
    expect(run).toMatchObject({ jobs: [{ seed: 0 }, { seed: 1 }] });
    await pool.dispose();
    expect(workers[0]!.alive).toBe(false);
  });

  it("boots a second one when the first is worn, works on meanwhile, and then replaces it", async () => {
    const workers: FakeWorker[] = [];
    const grown = (request: WorkerRequest, worker: FakeWorker): void => {
      if (request.type === "boot" && worker !== workers[0]) setTimeout(() => worker.say({ type: "ready" }), 1000);
      else if (request.type === "boot" || worker !== workers[0] || worker.requests.length > 3) honest(request, worker);
      else
        for (const index of request.jobs.keys())
          worker.say({
            ...{ type: "result", batch: request.batch, index },
            result: { ...resultOf(String(index)), grown: worker.requests.length === 3 },
          });
    };
    const pool = await poolOf(workers, grown, true);
    await pool.run([JOB], LIMITS);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(workers).toHaveLength(1);
    await pool.run([JOB], LIMITS);
    await pool.run([JOB], LIMITS);
    expect(workers).toHaveLength(2);
    expect(workers[0]!.requests).toHaveLength(4);
    await vi.advanceTimersByTimeAsync(1000);
    await pool.run([JOB], LIMITS);
    await vi.advanceTimersByTimeAsync(1000);
    // The spare took over, and another is kept.
    expect(workers.map(({ alive }) => alive)).toEqual([false, true, true]);
    await pool.run([JOB], LIMITS);
    expect(workers[1]!.requests).toHaveLength(2);
    await pool.dispose();
    expect(workers.map(({ alive }) => alive)).toEqual([false, false, false]);
  });

  it("boots a spare, and only one, once a worker is lost", async () => {
    const workers: FakeWorker[] = [];
    /** Boots slowly; the first worker dies at its first job. */
    const mortal = (request: WorkerRequest, worker: FakeWorker): void => {
      if (request.type === "boot") setTimeout(() => worker.say({ type: "ready" }), 4000);
      else if (worker === workers[0]) worker.say({ type: "failed", message: "it died" });
      else honest(request, worker);
    };
    const opening = poolOf(workers, mortal, true);
    await vi.advanceTimersByTimeAsync(4000);
    const pool = await opening;
    const running = pool.run([JOB, JOB], LIMITS);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await running).toHaveLength(2);
    expect(workers.map(({ alive }) => alive)).toEqual([false, true, true]);
    await pool.dispose();
    expect(workers.map(({ alive }) => alive)).toEqual([false, false, false]);
  });

  it("listens to one result per job, in order, of the open batch (H65)", async () => {
    const forger = (request: WorkerRequest, worker: FakeWorker): void => {
      if (request.type === "boot") {
        worker.say({ type: "ready" });
        return;
      }
      const { batch } = request;
      const forged = resultOf("forged");
      worker.say({ type: "result", batch: batch + 1, index: 0, result: forged });
      worker.say({ type: "result", batch: batch - 1, index: 0, result: forged });
      worker.say({ type: "result", batch, index: 1, result: forged });
      worker.say({ type: "result", batch, index: -1, result: forged });
      worker.say({ type: "ready" });
      honest(request, worker);
      worker.say({ type: "result", batch, index: 1, result: forged });
      worker.say({ type: "result", batch, index: 2, result: forged });
    };
    const pool = await poolOf([], forger);
    for (let turn = 0; turn < 2; turn++) {
      const results = await pool.run([JOB, JOB], LIMITS);
      expect(results.map(({ detail }) => detail)).toEqual(["0", "1"]);
    }
    await pool.dispose();
  });

  it("starts nothing for those who still ask when it is closed", async () => {
    const workers: FakeWorker[] = [];
    const pool = await poolOf(workers);
    const before = pool.run([JOB], LIMITS);
    const closing = pool.dispose();
    const after = expect(pool.run([JOB], LIMITS)).rejects.toThrow("the interpreters were closed");
    expect(await before).toHaveLength(1);
    await closing;
    await after;
    expect(workers.map(({ alive }) => alive)).toEqual([false]);
  });

  it("ends a worker that hangs, and gives the rest of the batch to the next", async () => {
    const workers: FakeWorker[] = [];
    const pool = await poolOf(workers, (request, worker) => {
      if (request.type === "jobs" && worker === workers[0])
        worker.say({ type: "result", batch: request.batch, index: 0, result: resultOf("first") });
      else honest(request, worker);
    });
    const results = pool.run([JOB, JOB, JOB], LIMITS);
    await vi.advanceTimersByTimeAsync(3000);
    expect((await results).map(({ stop, detail }) => stop ?? detail)).toEqual(["first", "hang", "0"]);
    expect(workers.map(({ alive }) => alive)).toEqual([false, true]);
    await pool.dispose();
  });

  it("says that a worker is blocked, at once or after its time", async () => {
    const dies = poolOf([], (_, worker) => worker.say({ type: "failed", message: "refused by policy" }));
    await expect(dies).rejects.toThrow("refused by policy");
    const workers: FakeWorker[] = [];
    const silent = expect(poolOf(workers, () => {})).rejects.toThrow("its worker gave no sign of life for 120 seconds");
    await vi.advanceTimersByTimeAsync(120_000);
    await silent;
    expect(workers[0]!.alive).toBe(false);
  });
});
