/**
 * Script of the jail's frame: `<iframe sandbox="allow-scripts" srcdoc>` with a policy that allows this script, blob workers and
 * WebAssembly, and no network. It holds Pyodide's bytes, runs the pool, and ends workers that hang. It is sent as text, so it
 * uses only its arguments and the frame's globals.
 */
import type { AssetsMessage, FrameReady, JailAssets, JailReply, JailRequest } from "./jail-protocol";
import type { Images, Pool, PoolModule, PoolOptions, WorkerHandle } from "./pool";
import type { PyodideFiles, WorkerReply } from "./worker";

export function frameMain(
  { createPool }: PoolModule,
  unpackImages: (
    head: Uint8Array<ArrayBuffer>,
    length: number,
    content: (start: number, end: number) => Blob,
  ) => Images | null,
): void {
  const blobAddress = (...parts: BlobPart[]): string =>
    URL.createObjectURL(new Blob(parts, { type: "text/javascript" }));

  /** A classic worker: module workers do not start from a blob in an opaque origin. */
  const spawnWorker = (address: string): WorkerHandle => {
    const worker = new Worker(address);
    let handler: (reply: WorkerReply) => void = () => {};
    worker.onmessage = ({ data }: MessageEvent<WorkerReply>) => handler(data);
    worker.onerror = (event) => handler({ type: "failed", message: event.message || "the worker did not start" });
    worker.onmessageerror = () => handler({ type: "failed", message: "unreadable reply" });
    return {
      post: (request) => worker.postMessage(request),
      listen: (given) => {
        handler = given;
      },
      terminate: () => worker.terminate(),
    };
  };

  /** More than the table of contents of packed images. */
  const HEAD_BYTES = 65536;

  /** Here and not in the page, whose thread draws. The content stays in a Blob: only the workers need it in memory. */
  const inflated = async (packed: ArrayBuffer): Promise<Images> => {
    const bytes = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const file = await new Response(bytes).blob().catch(() => new Blob());
    const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
    const images = unpackImages(head, file.size, (start, end) => file.slice(start, end));
    if (!images) throw new Error("its heap images are broken");
    return images;
  };

  const boot = async (assets: JailAssets, request: Extract<JailRequest, { type: "boot" }>): Promise<Pool> => {
    const address = blobAddress(request.worker);
    const files: PyodideFiles = {
      loader: blobAddress(assets.loader),
      factory: blobAddress(assets.factory),
    };
    const options: PoolOptions = {
      spawn: () => spawnWorker(address),
      wasm: await WebAssembly.compile(assets.wasm),
      indexURL: "https://jail.invalid/",
      files,
      memoryBytes: request.memoryBytes,
      spare: request.spare,
    };
    return createPool(options, await inflated(assets.images));
  };

  const serve = (message: AssetsMessage, port: MessagePort): void => {
    /** null as soon as Python runs, so that 24 MB are freed. */
    let assets: JailAssets | null = message.assets;
    let pool: Pool | null = null;
    const reply = (message: JailReply): void => port.postMessage(message);
    const answer = async (request: JailRequest): Promise<void> => {
      if (request.type === "boot") {
        if (!assets) throw new Error("Python runs already");
        pool = await boot(assets, request);
        assets = null;
        reply({ type: "booted" });
      } else if (request.type === "run") {
        if (pool) reply({ type: "results", id: request.id, results: await pool.run(request.jobs, request.limits) });
      } else {
        await pool?.dispose();
        reply({ type: "disposed" });
      }
    };
    port.onmessage = ({ data }: MessageEvent<JailRequest>) => {
      const id = data.type === "run" ? { id: data.id } : {};
      answer(data).catch((error: unknown) => reply({ type: "failed", ...id, message: String(error) }));
    };
  };

  const accept = ({ source, data, ports }: MessageEvent<AssetsMessage>): void => {
    const port = ports[0];
    if (source !== parent || data?.type !== "jail.assets" || !port) return;
    removeEventListener("message", accept);
    serve(data, port);
  };
  addEventListener("message", accept);
  const ready: FrameReady = { type: "jail.ready" };
  parent.postMessage(ready, "*");
}
