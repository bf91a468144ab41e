import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Case, type CaseResult, parseCases } from "../../src/verify/cases";
import { PYODIDE_FILES } from "../../src/verify/jail-page";
import { ask, imagesAt, openJailPage, type ServedJail, serveJail } from "./verifier/served";

/** How much slower than an idle machine this one may be. */
const PATIENCE = 8;

let jail: ServedJail;
beforeAll(async () => {
  jail = await serveJail();
});
afterAll(() => jail?.close());

it("gives every case of the catalogue its verdict, from images that Node has built", async () => {
  const page = await openJailPage(jail);
  const images = await imagesAt("/python-images");
  const total = Object.values(PYODIDE_FILES).reduce((sum, [, bytes]) => sum + bytes, images.bytes);
  const { loaded, answer } = await ask<{ loaded: number; answer: number }>(page, { type: "boot", images });
  expect(loaded).toBe(total);
  console.log(`boot: ${Math.round(answer)} ms`);
  // One second on a machine that does nothing else; other work may take most of the processor away meanwhile.
  expect(answer).toBeLessThan(1000 * PATIENCE);
  const cases: Case[] = parseCases(readFileSync("tests/verify/cases.json", "utf8"), "cases.json");
  const results = await ask<CaseResult[]>(page, { type: "judge", cases });
  expect(results).toHaveLength(309);
  expect(results.filter(({ passed }) => !passed)).toEqual([]);
  await page.close();
});
