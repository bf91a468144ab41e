/** The trainer's end of the jail: a verifier whose interpreters are behind a message port. */

import type { Verifier } from "../contracts";
import { KelvinError } from "../contracts";
import type { JailReply, JailRequest } from "./jail-protocol";
import { jailWorkerMain } from "./jail-worker";
import type { JobResult, Limits } from "./jobs";
import type { Pool } from "./pool";
import { createVerifier, MEMORY_BYTES, spareWhere, TASK_LIMITS } from "./verifier";
import { workerSource } from "./worker-source";

/** Options for Python in the jail. */
export interface PortVerifierOptions {
  /** Default: the limits of training tasks. */
  readonly limits?: Limits;
  /** Whether to keep a second worker booted once a program has ended one; costs about 100 MB. Default: if the device has more than 4 GB. */
  readonly spare?: boolean;
  /** Called with a line for people if memory suffices for one worker only. */
  notice?(line: string): void;
}

/** Boots Python in the jail behind `port`, checks the canaries, and returns a verifier. */
export async function verifierOverPort(port: MessagePort, options: PortVerifierOptions = {}): Promise<Verifier> {
  const pool = await poolOverPort(port, options);
  return createVerifier(pool, options.limits ?? TASK_LIMITS);
}

/** The pool alone, for boundary tests and benchmarks. */
export async function poolOverPort(port: MessagePort, options: PortVerifierOptions = {}): Promise<Pool> {
  const worker = workerSource(jailWorkerMain, "self");
  const pool = new PortPool(port);
  const spare = options.spare ?? spareWhere(hasMemoryForSpare(), options);
  await pool.boot({ type: "boot", worker, memoryBytes: MEMORY_BYTES, spare });
  return pool;
}

/** Browsers that do not report memory (Firefox, Safari) run on machines that have enough. */
function hasMemoryForSpare(): boolean {
  return ((navigator as { deviceMemory?: number }).deviceMemory ?? 8) > 4;
}

/** A batch sent to the jail. */
interface OpenRequest {
  readonly jobs: number;
  resolve(results: JobResult[]): void;
  reject(error: Error): void;
}

type BootRequest = Extract<JailRequest, { type: "boot" }>;

class PortPool implements Pool {
  private readonly open = new Map<number, OpenRequest>();
  private booting: { resolve(): void; reject(error: Error): void } | null = null;
  private ended: (() => void) | null = null;
  private ids = 0;

  constructor(private readonly port: MessagePort) {
    port.onmessage = ({ data }: MessageEvent<JailReply>) => this.receive(data);
  }

  boot(request: BootRequest): Promise<void> {
    return new Promise((resolve, reject) => {
      this.booting = { resolve, reject };
      this.send(request);
    });
  }

  run(jobs: Parameters<Pool["run"]>[0], limits: Limits): Promise<JobResult[]> {
    return new Promise((resolve, reject) => {
      const id = ++this.ids;
      this.open.set(id, { jobs: jobs.length, resolve, reject });
      this.send({ type: "run", id, jobs, limits });
    });
  }

  dispose(): Promise<void> {
    return new Promise((resolve) => {
      this.ended = resolve;
      this.send({ type: "dispose" });
    });
  }

  private send(request: JailRequest): void {
    this.port.postMessage(request);
  }

  private receive(reply: JailReply): void {
    switch (reply.type) {
      case "booted":
        this.booting?.resolve();
        return;
      case "results":
        this.accept(reply);
        return;
      case "failed":
        this.fail(reply);
        return;
      case "disposed":
        this.ended?.();
        this.port.close();
        return;
      default:
        reply satisfies never;
    }
  }

  /** Accepts results once per open request, and only if there is one for every job. */
  private accept({ id, results }: Extract<JailReply, { type: "results" }>): void {
    if (results.length !== this.open.get(id)?.jobs) return;
    this.take(id)?.resolve([...results]);
  }

  private fail({ id, message }: Extract<JailReply, { type: "failed" }>): void {
    const hint = "Reload the page; Python needs about 500 MB of free memory.";
    const error = new KelvinError("verifier", `Python stopped: ${message}`, hint);
    if (id === undefined) this.booting?.reject(error);
    else this.take(id)?.reject(error);
  }

  private take(id: number): OpenRequest | undefined {
    const waiting = this.open.get(id);
    this.open.delete(id);
    return waiting;
  }
}
