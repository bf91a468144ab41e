import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type Case, type CaseResult, parseCases } from "../../src/verify/cases";
import { PYODIDE_FILES } from "../../src/verify/jail-page";
import type { Job, JobResult } from "../../src/verify/jobs";
import { BOUNDARY_PROBES, GATE_OFF, LEAK_PAIRS, probeJob } from "../verify/boundary";
import type { Question } from "./verifier/worker";

const root = fileURLToPath(new URL("../..", import.meta.url));
const outDir = join(root, "dist/test-verifier");
const pyodide = join(root, "node_modules/pyodide");
const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
};

let server: Server;
let address = "";
/** Paths nobody but an escaped program would ask for. */
const leaks: string[] = [];
let browser: Browser;

beforeAll(async () => {
  const pageFolder = fileURLToPath(new URL("./verifier", import.meta.url));
  await build({
    configFile: false,
    root: pageFolder,
    base: "./",
    publicDir: false,
    worker: { format: "es" },
    logLevel: "error",
    build: { outDir, emptyOutDir: true, target: "es2023" },
  });
  server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    if (path.startsWith("/leak")) leaks.push(path);
    const file = path.startsWith("/pyodide/")
      ? join(pyodide, path.slice(9))
      : join(outDir, path === "/" ? "index.html" : path);
    if (!existsSync(file)) return response.writeHead(404).end();
    // No header but the type: the jail needs neither isolation nor shared memory.
    response.writeHead(200, { "Content-Type": types[extname(file)] ?? "application/octet-stream" });
    return createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://localhost:${(server.address() as AddressInfo).port}`;
  browser = await chromium.launch({ executablePath: inject("chromium"), args: ["--no-sandbox"] });
});
afterAll(async () => {
  await browser?.close();
  server?.close();
});

async function openPage(): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(address);
  await page.waitForFunction(() => "ask" in window);
  return page;
}
const ask = <T>(page: Page, question: Question): Promise<T> =>
  page.evaluate((sent) => window.ask(sent), question) as Promise<T>;

it("knows the sizes of Pyodide's files", () => {
  for (const [name, bytes] of Object.values(PYODIDE_FILES))
    expect([name, statSync(join(pyodide, name)).size]).toEqual([name, bytes]);
});

describe("the jail in Chromium", () => {
  it("gives every case of the catalogue its verdict, and boots from kept images the second time", async () => {
    const page = await openPage();
    const total = Object.values(PYODIDE_FILES).reduce((sum, [, bytes]) => sum + bytes, 0);
    const first = await ask<{ loaded: number; answer: number }>(page, { type: "boot" });
    expect(first.loaded).toBe(total);
    const cases: Case[] = parseCases(readFileSync(join(root, "tests/verify/cases.json"), "utf8"), "cases.json");
    const results = await ask<CaseResult[]>(page, { type: "judge", cases });
    expect(results).toHaveLength(250);
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
    await page.reload();
    const again = await ask<{ loaded: number; answer: number }>(page, { type: "boot" });
    console.log(`boot: first ${Math.round(first.answer)} ms, again ${Math.round(again.answer)} ms`);
    expect(again.answer).toBeLessThan(first.answer / 2);
    await page.close();
  });

  it("holds the boundary with the gate switched off", async () => {
    const page = await openPage();
    await ask(page, { type: "boot", guardSuffix: GATE_OFF, keepImages: false });
    const good = probeJob("return x*7+3");
    const run = (jobs: Job[]): Promise<JobResult[]> => ask<JobResult[]>(page, { type: "run", jobs });
    const results = await run(
      BOUNDARY_PROBES.flatMap(({ body }) => [probeJob(body.replaceAll("http://127.0.0.1:9", `${address}/leak`)), good]),
    );
    for (const [index, { id, body, ends }] of BOUNDARY_PROBES.entries()) {
      expect(`${id} ${body}: ${ends.includes(endOf(results[2 * index]!)) ? ends : endOf(results[2 * index]!)}`).toBe(
        `${id} ${body}: ${ends}`,
      );
      expect(endOf(results[2 * index + 1]!)).toBe("10");
    }
    const pairs = await run(LEAK_PAIRS.flatMap(({ first, probe }) => [probeJob(first), probeJob(probe)]));
    expect(LEAK_PAIRS.map(({ id }, index) => [id, endOf(pairs[2 * index + 1]!)])).toEqual(
      LEAK_PAIRS.map(({ id, value }) => [id, value]),
    );
    expect(leaks).toEqual([]);
    await page.close();
  });

  it("leaves scripts in the worker and the frame nowhere to go (H60 to H66)", async () => {
    const page = await openPage();
    const source = `const base = ${JSON.stringify(address)};${PROBE_SCRIPT}`;
    const { answer } = await ask<{ answer: string }>(page, { type: "script", source });
    const report = JSON.parse(answer.replace(/^Error: /, "")) as Record<string, string>;
    const reached = Object.entries(report).filter(([, end]) => !end.startsWith("fails"));
    // Storage of an opaque origin is refused, or is the frame's own and dies with it.
    expect(reached).toEqual([]);
    const frame = page.frames()[1]!;
    const inFrame = await frame.evaluate(async (leak) => {
      const attempt = async (name: string, action: () => unknown): Promise<string> => {
        try {
          return `${name}: ${await action()}`;
        } catch (error) {
          return `${name}: ${(error as Error).name}`;
        }
      };
      return [
        await attempt("origin", () => origin),
        await attempt("localStorage", () => localStorage.length),
        await attempt("cookie", () => document.cookie),
        await attempt("parent", () => parent.document.title),
        await attempt("fetch", () => fetch(`${leak}/leak-frame`)),
      ];
    }, address);
    expect(inFrame).toEqual([
      "origin: null",
      "localStorage: SecurityError",
      "cookie: SecurityError",
      "parent: SecurityError",
      "fetch: TypeError",
    ]);
    expect(leaks).toEqual([]);
    await page.close();
  });
});

/** The stop, the exception, or the value. */
function endOf({ stop, report }: JobResult): string {
  if (stop) return stop;
  if (report?.status !== "ran") return JSON.stringify(report);
  const [kind, text] = report.results[0]!;
  return kind === "ok" ? text : `${kind} ${text}`;
}

/** Runs in a worker of the jail before anything is sealed: only the frame's policy and origin stand in the way. */
const PROBE_SCRIPT = `
onmessage = async () => {
  const report = {};
  const attempt = async (name, action) => {
    try {
      const value = await Promise.race([action(), new Promise((_, no) => setTimeout(() => no(new Error('silent')), 1500))]);
      report[name] = 'reached ' + String(value).slice(0, 60);
    } catch (error) { report[name] = 'fails ' + (error && (error.name || error)); }
  };
  const opened = (make, event) => new Promise((yes, no) => { const it = make(); it.onopen = yes; it.onerror = () => no(new Error('refused')); });
  await attempt('fetch', () => fetch(base + '/leak-fetch', { mode: 'no-cors' }));
  await attempt('XMLHttpRequest', () => { const x = new XMLHttpRequest(); x.open('GET', base + '/leak-xhr', false); x.send(); return x.status; });
  await attempt('WebSocket', () => opened(() => new WebSocket(base.replace('http', 'ws') + '/leak-ws')));
  await attempt('EventSource', () => opened(() => new EventSource(base + '/leak-events')));
  await attempt('WebTransport', () => new WebTransport(base.replace('http', 'https') + '/leak-wt').ready);
  await attempt('import http', () => import(base + '/leak-import.mjs'));
  await attempt('import data', () => import('data:text/javascript,export default 1'));
  await attempt('importScripts', () => importScripts(base + '/leak-scripts.js'));
  await attempt('eval', () => eval('1'));
  await attempt('Function', () => new Function('return 1')());
  await attempt('indexedDB', () => new Promise((yes, no) => { const r = indexedDB.open('a'); r.onsuccess = yes; r.onerror = () => no(r.error); }));
  await attempt('caches', () => caches.open('a'));
  await attempt('storage', () => navigator.storage.getDirectory());
  await attempt('locks', () => navigator.locks.request('a', () => 1));
  await attempt('nested worker by address', () => new Promise((yes, no) => { const w = new Worker(base + '/leak-worker.js'); w.onerror = () => no(new Error('refused')); w.onmessage = yes; }));
  postMessage({ type: 'failed', message: JSON.stringify(report) });
};`;
