/**
 * The page's part of the jail: fetches Pyodide's files, creates the frame, and returns a port. Programs do not pass through here.
 */
import { KelvinError } from "../contracts";
import { FRAME_STARTER } from "./frame-starter.mjs";
import { frameMain } from "./jail-frame";
import type { AssetsMessage, FrameReady, JailAssets } from "./jail-protocol";
import { frameSource } from "./worker-source";

export interface JailOptions {
  /** Folder of Pyodide's files on our origin, relative to the page, ending in a slash. */
  readonly folder: string;
  /** Heap images from which Python starts at once. */
  readonly images: ImagesFile;
  /** The files themselves, for a page opened from disk without a server. */
  readonly assets?: JailAssets;
  /** Aborting removes the frame and everything in it. */
  readonly signal?: AbortSignal;
  /** Bytes of Python so far, and the total. */
  onProgress?(loaded: number, total: number): void;
}

/** Packed heap images, compressed with gzip: address and size on the way. */
export interface ImagesFile {
  readonly address: string;
  readonly bytes: number;
}

const FRAME_TIMEOUT = 20_000;
/** Files of the pinned release and their sizes, because servers that compress do not report them. */
export const PYODIDE_FILES: Readonly<Record<Exclude<keyof JailAssets, "images">, readonly [string, number]>> = {
  loader: ["pyodide.mjs", 17_931],
  factory: ["pyodide.asm.mjs", 1_250_344],
  wasm: ["pyodide.asm.wasm", 9_598_218],
};

/**
 * Opens the jail and returns the trainer's end of its channel (transfer it to the trainer's worker).
 * @throws KelvinError "verifier" if a file is missing or the frame does not start.
 */
export async function openJail(options: JailOptions): Promise<MessagePort> {
  const assets = options.assets ?? (await fetchAssets(options));
  const frame = await openFrame(options.signal);
  const { port1, port2 } = new MessageChannel();
  const message: AssetsMessage = { type: "jail.assets", assets };
  frame.contentWindow?.postMessage(message, "*", [port1, ...Object.values(assets)]);
  return port2;
}

async function fetchAssets({ folder, images, onProgress, signal }: JailOptions): Promise<JailAssets> {
  const total = Object.values(PYODIDE_FILES).reduce((sum, [, bytes]) => sum + bytes, images.bytes);
  let loaded = 0;
  let told = 0;
  // The page draws each time, so it is told of every hundredth and not of every piece.
  const received = (bytes: number): void => {
    loaded = Math.min(loaded + bytes, total);
    if (loaded < total && loaded - told < total / 100) return;
    told = loaded;
    onProgress?.(loaded, total);
  };
  const base = new URL(folder, document.baseURI);
  const ofPyodide = (name: keyof typeof PYODIDE_FILES): Promise<ArrayBuffer> =>
    readFile(new URL(PYODIDE_FILES[name][0], base), signal, received);
  const [loader, factory, wasm, heaps] = await Promise.all([
    ofPyodide("loader"),
    ofPyodide("factory"),
    ofPyodide("wasm"),
    readFile(new URL(images.address, document.baseURI), signal, received),
  ]);
  return { loader, factory, wasm, images: heaps };
}

async function readFile(
  address: URL,
  signal: AbortSignal | undefined,
  received: (bytes: number) => void,
): Promise<ArrayBuffer> {
  const missing = (how: string) =>
    new KelvinError("verifier", `Python's file ${address.pathname} ${how}.`, "Check the connection and reload.");
  const response = await fetch(address, { signal: signal ?? null }).catch(() => null);
  if (!response?.ok || !response.body) throw missing(response ? `answered ${response.status}` : "was not reachable");
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      received(chunk.byteLength);
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(counter)).arrayBuffer().catch(() => {
    throw missing("broke off");
  });
}

/** Creates a frame with an opaque origin: it has no storage and no network, and reaches the page only by messages. */
async function openFrame(signal?: AbortSignal): Promise<HTMLIFrameElement> {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.hidden = true;
  frame.title = "Python";
  frame.srcdoc = trustedMarkup(
    `<!doctype html><meta http-equiv="Content-Security-Policy" content="${await framePolicy()}"><script type="text/plain">${frameSource(frameMain)}</script><script>${FRAME_STARTER}</script>`,
  );
  signal?.throwIfAborted();
  signal?.addEventListener("abort", () => frame.remove());
  const ready = frameReady(frame);
  document.body.append(frame);
  await ready.catch((error: unknown) => {
    frame.remove();
    throw error;
  });
  return frame;
}

interface MarkupFactory {
  createPolicy(name: string, rules: { createHTML(markup: string): string }): { createHTML(markup: string): string };
}

/** The frame's markup as the type that `srcdoc` wants where the page's policy asks for trusted types. Nobody else makes any. */
const trustedMarkup: (markup: string) => string = (() => {
  const { trustedTypes } = globalThis as { trustedTypes?: MarkupFactory };
  const policy = trustedTypes?.createPolicy("kelvin-jail", { createHTML: (markup) => markup });
  return (markup: string) => policy?.createHTML(markup) ?? markup;
})();

async function framePolicy(): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(FRAME_STARTER)));
  const digest = btoa(Array.from(hash, (byte) => String.fromCharCode(byte)).join(""));
  return [
    "default-src 'none'",
    `script-src 'sha256-${digest}' 'wasm-unsafe-eval' blob:`,
    "worker-src blob:",
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

function frameReady(frame: HTMLIFrameElement): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      clearTimeout(timer);
      removeEventListener("message", listen);
    };
    const listen = ({ source, data }: MessageEvent<FrameReady>): void => {
      if (source !== frame.contentWindow || data?.type !== "jail.ready") return;
      finish();
      resolve();
    };
    const timer = setTimeout(() => {
      finish();
      reject(
        new KelvinError(
          "verifier",
          "The frame that runs Python did not start.",
          "An extension may block frames or workers on this page.",
        ),
      );
    }, FRAME_TIMEOUT);
    addEventListener("message", listen);
  });
}
