/** Stands where the trainer's worker stands: it holds the port, the programs and the gold values. */
import { CATALOGUE_LIMITS } from "../../../src/verify";
import { type Case, judgeCases } from "../../../src/verify/cases";
import type { ImagesFile } from "../../../src/verify/jail-page";
import type { JailReply, JailRequest } from "../../../src/verify/jail-protocol";
import type { Job } from "../../../src/verify/jobs";
import type { Pool } from "../../../src/verify/pool";
import { poolOverPort } from "../../../src/verify/port";
import { createVerifier } from "../../../src/verify/verifier";

export type Question =
  | { type: "boot"; folder?: string; images?: ImagesFile; port?: MessagePort }
  | { type: "judge"; cases: readonly Case[] }
  | { type: "run"; jobs: readonly Job[] }
  /** Runs any script as a worker of the jail; it reports by the message of a `failed` reply. */
  | { type: "script"; source: string; port?: MessagePort };
export type Answer = { value: unknown } | { error: string };

let pool: Pool;

function runScript(port: MessagePort, worker: string): Promise<string> {
  const request: JailRequest = { type: "boot", worker, memoryBytes: 2 ** 27, spare: false };
  return new Promise((resolve) => {
    port.onmessage = ({ data }: MessageEvent<JailReply>) => resolve("message" in data ? data.message : data.type);
    port.postMessage(request);
  });
}

async function answer(question: Question): Promise<unknown> {
  if (question.type === "script") return runScript(question.port!, question.source);
  if (question.type === "boot") {
    const start = performance.now();
    pool = await poolOverPort(question.port!);
    return performance.now() - start;
  }
  if (question.type === "run") return pool.run(question.jobs, CATALOGUE_LIMITS);
  return judgeCases(await createVerifier(pool, CATALOGUE_LIMITS), question.cases);
}

self.onmessage = async ({ data }: MessageEvent<Question>) => {
  const reply: Answer = await answer(data).then(
    (value) => ({ value }),
    (error: unknown) => ({ error: String(error) }),
  );
  self.postMessage(reply);
};
