/** The verifier in Node: interpreters in worker threads, heap images cached on disk. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { Verifier } from "../contracts";
import { KelvinError } from "../contracts";
import { clockModule } from "./clock";
import { GUARD } from "./guard-source";
import type { HeapImage } from "./heap-image";
import { packImages, unpackImages } from "./image-file";
import type { Limits } from "./jobs";
import type { Images, Pool, PoolOptions, WorkerHandle } from "./pool";
import { poolModule } from "./pool";
import { type ThreadGreeting, threadMain } from "./thread-main";
import { createVerifier, HASH_SEEDS, MEMORY_BYTES, spareWhere, TASK_LIMITS } from "./verifier";
import { WARM_JOBS } from "./warm";
import type { WorkerReply } from "./worker";
import { workerSource } from "./worker-source";

/** Options for Python in Node. */
export interface NodeVerifierOptions {
  /** Default: the limits of training tasks. */
  readonly limits?: Limits;
  /** Folder for heap images; null stores none. Default: `.cache` beside node_modules. */
  readonly cache?: string | null;
  /** Whether to keep a spare worker booted once a program has ended one. Default: if a gigabyte of memory is free. */
  readonly spare?: boolean;
  /** Called with a line for people if memory suffices for one worker only. */
  notice?(line: string): void;
  /** Python appended to the guard; boundary tests use it to switch the gate off. */
  readonly guardSuffix?: string;
}

/** Free memory needed for a second worker. */
const SPARE_BYTES = 2 ** 30;
const KEPT_CACHES = 6;
/** As text, because a bundler would rewrite the call. */
const THREAD_REALM = '{ threads: require("node:worker_threads"), files: require("node:fs") }';

const { buildImages, createPool } = poolModule(clockModule());

/** Boots Python, from cached heap images if possible, checks the canaries, and returns a verifier. */
export async function createNodeVerifier(options: NodeVerifierOptions = {}): Promise<Verifier> {
  const pool = await createNodePool(options);
  try {
    return await createVerifier(pool, options.limits ?? TASK_LIMITS);
  } catch (error) {
    await pool.dispose();
    throw error;
  }
}

/** The pool alone, for boundary tests and benchmarks. */
export async function createNodePool(options: NodeVerifierOptions = {}): Promise<Pool> {
  const { pool, images } = await prepare(options);
  return createPool(pool, images).catch(unstarted);
}

/** The packed heap images of the guard, from the cache if possible: a page starts Python from the same bytes. */
export async function packedImages(options: NodeVerifierOptions = {}): Promise<Uint8Array<ArrayBuffer>[]> {
  return packImages((await prepare(options)).images);
}

/** What a pool is created from. @throws KelvinError "verifier" if Python does not start here */
async function prepare(options: NodeVerifierOptions): Promise<{ pool: PoolOptions; images: Images<HeapImage> }> {
  const folder = pyodideFolder();
  const source = GUARD + (options.guardSuffix ?? "");
  const bytes = await readFile(join(folder, "pyodide.asm.wasm")).catch(missing);
  const code = workerSource(threadMain, THREAD_REALM);
  const settings = {
    spawn: () => spawnThread(code),
    indexURL: folder + sep,
    files: { loader: pathToFileURL(join(folder, "pyodide.mjs")).href, factory: null },
    memoryBytes: MEMORY_BYTES,
    spare: options.spare ?? spareWhere(process.availableMemory() >= SPARE_BYTES, options),
  };
  const cache = options.cache === undefined ? join(folder, "..", "..", ".cache", "verifier") : options.cache;
  // Everything that the images depend on. The worker's code determines the layout of the function table.
  const parts = [source, code, JSON.stringify([WARM_JOBS, HASH_SEEDS, process.version])];
  const key = createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 16);
  const path = cache && join(cache, `${key}.images`);
  try {
    const pool: PoolOptions = { ...settings, wasm: await WebAssembly.compile(bytes) };
    const built = async (): Promise<Images<HeapImage>> =>
      buildImages(pool, { guard: source, warm: WARM_JOBS, hashSeeds: HASH_SEEDS });
    return { pool, images: (await readCache(path)) ?? (await writeCache(path, await built())) };
  } catch (error) {
    return unstarted(error as Error);
  }
}

function unstarted({ message }: Error): never {
  const hint = "Run npm ci; at least 1 GB of memory must be free.";
  throw new KelvinError("verifier", `Python did not start: ${message}`, hint);
}

/** Folder of the package. @throws KelvinError "verifier" if it is not installed */
export function pyodideFolder(): string {
  for (const from of [import.meta.url, pathToFileURL(join(process.cwd(), "package.json")).href]) {
    try {
      return dirname(createRequire(from).resolve("pyodide/package.json"));
    } catch {
      // A bundle may run from elsewhere; try the working directory next.
    }
  }
  return missing();
}

function missing(): never {
  throw new KelvinError("verifier", "the pyodide package is missing", "Run npm ci in the repository.");
}

/** A thread; if it ends for any reason, that becomes a `failed` reply. */
function spawnThread(code: string): WorkerHandle {
  // Python needs no environment variables and prints nothing.
  const thread = new Worker(code, { eval: true, env: {}, execArgv: [], stdout: true, stderr: true });
  let handler: (reply: WorkerReply) => void = () => {};
  let ended = false;
  const fail = (message: string): void => {
    if (!ended) handler({ type: "failed", message });
    ended = true;
  };
  let times: string | null = null;
  thread.on("message", (reply: WorkerReply | ThreadGreeting) => {
    if (reply.type === "thread") times = reply.times;
    else handler(reply);
  });
  thread.on("error", (error) => fail(String(error)));
  thread.on("exit", (status) => fail(`the worker ended with status ${status}`));
  return {
    post: (request) => thread.postMessage(request),
    listen: (given) => {
      handler = given;
    },
    cpuMilliseconds: () => (times === null || ended ? null : readTimes(times)),
    terminate: () => {
      ended = true;
      void thread.terminate();
    },
  };
}

/** Processor time of a thread in milliseconds; null if it has ended. */
function readTimes(path: string): number | null {
  try {
    return Number.parseInt(readFileSync(path, "utf8"), 10) / 1e6;
  } catch {
    return null;
  }
}

async function readCache(path: string | null): Promise<Images<HeapImage> | null> {
  const file = path === null ? null : await readFile(path).catch(() => null);
  const data = file && new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
  // Each image is a copy, because a message to a worker carries the whole buffer of what it names.
  return data && unpackImages(data, data.length, (start, end) => data.slice(start, end));
}

/** Writes another file and renames it, so that no reader sees half a file. A read-only checkout stores nothing and boots slower. */
async function writeCache(path: string | null, images: Images<HeapImage>): Promise<Images<HeapImage>> {
  if (path === null) return images;
  const unfinished = `${path}.${process.pid}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(unfinished, packImages(images));
    await rename(unfinished, path);
    await pruneCache(dirname(path));
  } catch {
    await rm(unfinished, { force: true }).catch(() => {});
  }
  return images;
}

/** Deletes all but the newest images. Every change of the guard or its compiler makes 35 MB of new ones. */
async function pruneCache(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".images"));
  const dated = await Promise.all(
    names.map(async (name) => ({ name, time: (await stat(join(folder, name))).mtimeMs })),
  );
  const old = dated.sort((a, b) => b.time - a.time).slice(KEPT_CACHES);
  await Promise.all(old.map(({ name }) => rm(join(folder, name), { force: true })));
}
