import { createReadStream, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** A server that listens on a free port; its address ends without a slash. */
export interface StaticServer {
  readonly server: Server;
  readonly address: string;
}

/**
 * Serves files as a plain static host does: no header but the type.
 * @param fileOf the file at an address's path
 * @param answers may answer a request itself; returns whether it does
 */
export async function serveFiles(
  fileOf: (path: string) => string,
  answers: (path: string, request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): Promise<StaticServer> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    if (answers(path, request, response)) return;
    const file = fileOf(path);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return void response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream" });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, address: `http://localhost:${(server.address() as AddressInfo).port}` };
}
