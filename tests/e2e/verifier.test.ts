import { statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PYODIDE_FILES } from "../../src/verify/jail-page";
import type { Job, JobResult } from "../../src/verify/jobs";
import { BOUNDARY_PROBES, CRASH, endOf, IDENTITIES, LEAK_PAIRS, probeJob } from "../verify/boundary";
import { buildFromDisk } from "./verifier/from-disk-folder";
import { ask, imagesAt, openJailPage, PYODIDE, type ServedJail, serveJail } from "./verifier/served";

/** Programs that crash and good ones, in turns (H47); Node has four hundred. */
const ALTERNATIONS = 100;

let jail: ServedJail;
beforeAll(async () => {
  jail = await serveJail();
});
afterAll(() => jail?.close());

it("knows the sizes of Pyodide's files", () => {
  for (const [name, bytes] of Object.values(PYODIDE_FILES))
    expect([name, statSync(join(PYODIDE, name)).size]).toEqual([name, bytes]);
});

describe("the jail in Chromium", () => {
  it("stops at broken images", async () => {
    const page = await openJailPage(jail);
    const broken = { address: "pyodide/pyodide.mjs", bytes: 9 };
    await expect(ask(page, { type: "boot", images: broken })).rejects.toThrow(
      "Python stopped: Error: its heap images are broken",
    );
    await page.close();
  });

  it("holds the boundary with the gate switched off", async () => {
    const page = await openJailPage(jail);
    await ask(page, { type: "boot", images: await imagesAt("/images-without-gate") });
    const good = probeJob("return x*7+3");
    const run = (jobs: Job[]): Promise<JobResult[]> => ask<JobResult[]>(page, { type: "run", jobs });
    const results = await run(
      BOUNDARY_PROBES.flatMap(({ body }) => [
        probeJob(body.replaceAll("http://127.0.0.1:9", `${jail.address}/leak`)),
        good,
      ]),
    );
    for (const [index, { id, body, ends }] of BOUNDARY_PROBES.entries()) {
      expect(`${id} ${body}: ${ends.includes(endOf(results[2 * index]!)) ? ends : endOf(results[2 * index]!)}`).toBe(
        `${id} ${body}: ${ends}`,
      );
      expect(endOf(results[2 * index + 1]!)).toBe("10");
    }
    const pairs = await run(LEAK_PAIRS.flatMap(({ first, probe }) => [probeJob(first), probeJob(probe)]));
    // The first program got somewhere, and the second does not see it.
    expect(LEAK_PAIRS.map(({ id }, index) => [id, endOf(pairs[2 * index]!), endOf(pairs[2 * index + 1]!)])).toEqual(
      LEAK_PAIRS.map(({ id, value }) => [id, "'done'", value]),
    );
    const crashes = await run(Array.from({ length: ALTERNATIONS }, (_, turn) => (turn % 2 ? good : probeJob(CRASH))));
    expect(crashes.map(endOf)).toEqual(Array.from({ length: ALTERNATIONS }, (_, turn) => (turn % 2 ? "10" : "trap")));
    const same = await run([0, 1, 2].flatMap(() => [probeJob(IDENTITIES), good]));
    expect(new Set(same.filter((_, index) => index % 2 === 0).map(endOf)).size).toBe(1);
    expect(jail.leaks).toEqual([]);
    await page.close();
  });
});

describe("where the jail has to live", () => {
  it("works in a page opened from disk, with its bytes handed over", async () => {
    const folder = await buildFromDisk();
    const page = await jail.browser.newPage();
    await page.goto(pathToFileURL(join(folder, "index.html")).href);
    expect(await page.evaluate(() => [location.protocol, crossOriginIsolated])).toEqual(["file:", false]);
    const verdicts = await page.evaluate(() => window.judge("def f(x): return [x*7+3, 'ok']", "1", "[10, 'ok']"));
    expect(verdicts).toEqual([
      { verdict: "VALID", reason: "" },
      { verdict: "CORRECT", reason: "" },
    ]);
    await page.close();
  });
});
