import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

/** A server of files that knows ranges and versions, may break off, and remembers what it was asked. */
export class ModelServer {
  readonly files = new Map<string, Uint8Array>();
  /** Version of every file. */
  etag: string | null = '"1"';
  /** Bytes after which the next answers of at least that length break off. */
  breakAfter = Number.POSITIVE_INFINITY;
  /** Milliseconds of silence before an answer breaks off: Chromium forgets what nobody has read by then. */
  silence = 0;
  ranges = true;
  /** Whole answers are sent compressed. */
  compresses = false;
  /** Path and range of every request. */
  readonly asked: string[] = [];
  /** With a slash at its end. */
  address = "";
  private server: Server | null = null;

  async open(): Promise<void> {
    const server = createServer((request, response) => this.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.server = server;
    this.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const path = new URL(request.url ?? "/", "http://localhost").pathname.slice(1);
    const { range } = request.headers;
    this.asked.push(range ? `${path} ${range}` : path);
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Expose-Headers", "ETag, Content-Range");
    const file = this.files.get(path);
    if (!file) {
      response.writeHead(404).end("nothing");
      return;
    }
    if (this.etag !== null) response.setHeader("ETag", this.etag);
    const first = this.ranges ? Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0) : 0;
    if (first >= file.byteLength && first > 0) {
      response.writeHead(416).end();
      return;
    }
    const compressed = this.compresses && first === 0;
    const body = compressed ? gzipSync(file) : file.subarray(first);
    if (compressed) response.setHeader("Content-Encoding", "gzip");
    response.setHeader("Content-Length", body.byteLength);
    if (first > 0) response.setHeader("Content-Range", `bytes ${first}-${file.byteLength - 1}/${file.byteLength}`);
    response.writeHead(first > 0 ? 206 : 200);
    if (body.byteLength <= this.breakAfter) response.end(body);
    // A goodbye, not a reset, and after a while: what was sent arrives and is read, so that a test knows how much that is.
    else
      response.write(body.subarray(0, this.breakAfter), () => setTimeout(() => response.socket?.end(), this.silence));
  }
}

/** Bytes that differ everywhere, so that a piece in the wrong place shows. */
export function noise(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = seed;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    words[i] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}
