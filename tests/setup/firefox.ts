import { type ChildProcess, spawn } from "node:child_process";
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";

/** The built page, and the page that presses its Start and reports. */
const PAGE = "dist/app";
const DRIVER = "tests/setup/firefox-driver.html";
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** What the driver tells at the end: the device, the stored log, and what went wrong, if anything did. */
export interface Report {
  readonly device: string | null;
  readonly log: string | null;
  readonly failure: string | null;
}

/**
 * Opens the built page at a link in this Firefox, presses Start, and waits for the end of the run. No protocol drives the browser: a
 * page of ours holds Kelvin in a frame and reports to the server of both.
 */
export async function runInFirefox(executable: string, query: string): Promise<Report> {
  const profile = mkdtempSync(join(tmpdir(), "kelvin-firefox-"));
  let firefox: ChildProcess | null = null;
  const { promise, resolve, reject } = deferred<Report>();
  const server = createServer((request, response) => serve(request, response, resolve));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/driver?${encodeURIComponent(query)}`;
  try {
    firefox = spawn(executable, ["--headless", "--no-remote", "--profile", profile, address], {
      stdio: "ignore",
      env: { ...process.env, HOME: profile },
    });
    firefox.on("error", reject);
    firefox.on("exit", (status) => reject(new Error(`Firefox ended with status ${status}`)));
    return await promise;
  } finally {
    firefox?.removeAllListeners("exit");
    await ended(firefox);
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

function serve(request: IncomingMessage, response: ServerResponse, report: (report: Report) => void): void {
  const path = new URL(request.url ?? "/", "http://localhost").pathname;
  if (path === "/report") {
    let text = "";
    request.on("data", (chunk) => {
      text += chunk;
    });
    request.on("end", () => {
      response.end();
      report(JSON.parse(text));
    });
    return;
  }
  const file = path === "/driver" ? DRIVER : join(PAGE, path === "/" ? "index.html" : path);
  if (!existsSync(file) || !statSync(file).isFile()) return void response.writeHead(404).end();
  response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream" });
  if (file === DRIVER) response.end(readFileSync(file));
  else createReadStream(file).pipe(response);
}

async function ended(process: ChildProcess | null): Promise<void> {
  if (!process || process.exitCode !== null || process.pid === undefined) return;
  await new Promise((resolve) => {
    process.on("exit", resolve);
    process.kill();
  });
}

function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
