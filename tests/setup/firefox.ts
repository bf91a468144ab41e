import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveFiles } from "../../src/cli/static-server";

/** The built page, and the page that presses its Start and reports. */
const PAGE = "dist/app";
const DRIVER = "tests/setup/firefox-driver.html";

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
  const { server, address } = await serveFiles(
    (path) => (path === "/driver.html" ? DRIVER : join(PAGE, path === "/" ? "index.html" : path)),
    (path, request, response) => {
      if (path === "/report") receive(request, response, resolve);
      return path === "/report";
    },
  );
  const link = `${address}/driver.html?${encodeURIComponent(query)}`;
  try {
    firefox = spawn(executable, ["--headless", "--no-remote", "--profile", profile, link], {
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

/** Takes the report that the driver posts. */
function receive(request: IncomingMessage, response: ServerResponse, report: (report: Report) => void): void {
  let text = "";
  request.on("data", (chunk) => {
    text += chunk;
  });
  request.on("end", () => {
    response.end();
    report(JSON.parse(text));
  });
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
