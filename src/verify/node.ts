/** The verifier in Node: interpreters in worker threads, heap images cached on disk. */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { Verifier } from "../contracts";
import { KelvinError } from "../contracts";
import guard from "./guard.py?raw";
import type { HeapImage } from "./interpreter";
import type { Limits } from "./jobs";
import type { Images, Pool, PoolOptions, WorkerHandle } from "./pool";
import { poolModule } from "./pool";
import { threadMain } from "./thread-main";
import { createVerifier, HASH_SEEDS, MEMORY_BYTES, TASK_LIMITS } from "./verifier";
import { WARM_JOBS } from "./warm";
import type { WorkerReply } from "./worker";
import { workerSource } from "./worker-source";

export interface NodeVerifierOptions {
  /** Default: the limits of training tasks. */
  readonly limits?: Limits;
  /** Folder for heap images; null keeps them in memory. Default `.cache` beside node_modules. */
  readonly cache?: string | null;
  /** A second worker kept booted, for the moment a program hangs. Default true. */
  readonly spare?: boolean;
  /** Python appended to the guard: boundary tests switch the gate off with it. */
  readonly guardSuffix?: string;
}

/** As text, because a bundler would rewrite the call. */
const THREAD_REALM = 'require("node:worker_threads")';

/** Boots Python (from cached heap images where there are some), lets the canaries sing, and answers a verifier. */
export async function createNodeVerifier(options: NodeVerifierOptions = {}): Promise<Verifier> {
  const pool = await createNodePool(options);
  try {
    return await createVerifier(pool, options.limits ?? TASK_LIMITS);
  } catch (error) {
    await pool.dispose();
    throw error;
  }
}

/** The pool alone: jobs in, reports out. For boundary tests and benchmarks. */
export async function createNodePool(options: NodeVerifierOptions = {}): Promise<Pool> {
  const folder = pyodideFolder();
  const source = guard + (options.guardSuffix ?? "");
  const wasm = await WebAssembly.compile(await readFile(join(folder, "pyodide.asm.wasm")).catch(missing));
  const code = workerSource(threadMain, THREAD_REALM);
  const settings: PoolOptions = {
    spawn: () => spawnThread(code),
    wasm,
    indexURL: folder + sep,
    files: { loader: pathToFileURL(join(folder, "pyodide.mjs")).href, factory: null, library: null },
    memoryBytes: MEMORY_BYTES,
    spare: options.spare ?? true,
  };
  const { buildImages, createPool } = poolModule();
  const cache = options.cache === undefined ? join(folder, "..", "..", ".cache", "verifier") : options.cache;
  // What the images depend on; the worker's code lays out the function table.
  const key = createHash("sha256")
    .update(source)
    .update(code)
    .update(JSON.stringify([WARM_JOBS, HASH_SEEDS, process.version]))
    .digest("hex")
    .slice(0, 16);
  try {
    const images =
      (await readImages(cache, key)) ??
      (await writeImages(
        cache,
        key,
        await buildImages(settings, { guard: source, warm: WARM_JOBS, hashSeeds: HASH_SEEDS }),
      ));
    return await createPool(settings, images);
  } catch (error) {
    throw new KelvinError(
      "verifier",
      `Python did not start: ${(error as Error).message}`,
      "Run npm ci; at least 1 GB of memory must be free.",
    );
  }
}

function pyodideFolder(): string {
  for (const from of [import.meta.url, pathToFileURL(join(process.cwd(), "package.json")).href]) {
    try {
      return dirname(createRequire(from).resolve("pyodide/package.json"));
    } catch {
      // A bundle may run from elsewhere: the working directory is asked next.
    }
  }
  return missing();
}

function missing(): never {
  throw new KelvinError("verifier", "the pyodide package is missing", "Run npm ci in the repository.");
}

/** A thread whose end, for whatever reason, is a `failed` reply. */
function spawnThread(code: string): WorkerHandle {
  // Python needs no environment variables and prints nothing.
  const thread = new Worker(code, { eval: true, env: {}, execArgv: [], stdout: true, stderr: true });
  let handler: (reply: WorkerReply) => void = () => {};
  let ended = false;
  const fail = (message: string): void => {
    if (!ended) handler({ type: "failed", message });
    ended = true;
  };
  thread.on("message", (reply: WorkerReply) => handler(reply));
  thread.on("error", (error) => fail(String(error)));
  thread.on("exit", (status) => fail(`the worker ended with status ${status}`));
  return {
    post: (request) => thread.postMessage(request),
    listen: (given) => {
      handler = given;
    },
    terminate: () => {
      ended = true;
      void thread.terminate();
    },
  };
}

interface ImageIndex {
  readonly entries: readonly number[];
  readonly bytes: readonly number[];
}

async function readImages(cache: string | null, key: string): Promise<Images | null> {
  if (cache === null) return null;
  try {
    const { entries, bytes }: ImageIndex = JSON.parse(await readFile(join(cache, `${key}.json`), "utf8"));
    const all = new Uint8Array((await readFile(join(cache, `${key}.bin`))).buffer);
    const ends = bytes.map((_, index) => bytes.slice(0, index + 1).reduce((sum, length) => sum + length, 0));
    const images = entries.map((entry, index): HeapImage => {
      const end = ends[index] ?? 0;
      return { entry, bytes: all.slice(end - (bytes[index] ?? 0), end) };
    });
    if (all.length !== ends.at(-1)) return null;
    return images[0] ? { snapshot: images[0], others: images.slice(1) } : null;
  } catch {
    return null; // No cache yet, or an unreadable one: images are built again.
  }
}

/** The index is written last and both are renamed into place, so that a reader never sees half an image. */
async function writeImages(cache: string | null, key: string, images: Images): Promise<Images> {
  if (cache === null) return images;
  const all = [images.snapshot, ...images.others];
  const index: ImageIndex = { entries: all.map(({ entry }) => entry), bytes: all.map(({ bytes }) => bytes.length) };
  const files = [
    ["bin", Buffer.concat(all.map(({ bytes }) => bytes))],
    ["json", JSON.stringify(index)],
  ] as const;
  try {
    await mkdir(cache, { recursive: true });
    for (const [extension, content] of files) {
      const path = join(cache, `${key}.${extension}`);
      await writeFile(`${path}.${process.pid}`, content);
      await rename(`${path}.${process.pid}`, path);
    }
  } catch {
    // A read-only checkout works too, it only boots more slowly.
  }
  return images;
}
