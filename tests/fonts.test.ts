import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { SHIPPED_FONTS, subset, toTrueType } from "../scripts/lib/fonts.mjs";

const FOLDER = "public/fonts";
/** Both files together. */
const MOST_BYTES = 150 * 1024;

const ASCII = Array.from({ length: 0x7e - 0x1f }, (_, i) => String.fromCharCode(0x20 + i));

/** The code points a TrueType font has glyphs for: its Unicode `cmap`, format 4 or 12 (OpenType 1.9, `cmap`). */
function codePoints(font: Buffer): Set<number> {
  const tables = Array.from({ length: font.readUInt16BE(4) }, (_, i) => 12 + 16 * i);
  const entry = tables.find((at) => font.toString("latin1", at, at + 4) === "cmap") ?? 0;
  const cmap = font.subarray(font.readUInt32BE(entry + 8));
  const found = new Set<number>();
  for (let i = 0; i < cmap.readUInt16BE(2); i++) {
    const table = cmap.subarray(cmap.readUInt32BE(8 + 8 * i));
    const format = table.readUInt16BE(0);
    const segments = format === 12 ? groupsOf(table) : format === 4 ? segmentsOf(table) : [];
    for (const [first, last] of segments) for (let code = first; code <= last; code++) found.add(code);
  }
  found.delete(0xffff);
  return found;
}

const groupsOf = (table: Buffer) =>
  Array.from({ length: table.readUInt32BE(12) }, (_, i) => [
    table.readUInt32BE(16 + 12 * i),
    table.readUInt32BE(20 + 12 * i),
  ]) as [number, number][];

const segmentsOf = (table: Buffer) => {
  const doubled = table.readUInt16BE(6);
  return Array.from({ length: doubled / 2 }, (_, i) => [
    table.readUInt16BE(16 + doubled + 2 * i),
    table.readUInt16BE(14 + 2 * i),
  ]) as [number, number][];
};

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());

/** Everything the page draws of its own: its sources without comments, and what ships with it. */
function drawnTexts(): [path: string, text: string][] {
  const sources = ["src/ui", "src/contracts", "src/methods", "src/tasks", "src/telemetry", "src/workers", "src/gpu"]
    .concat(["src/download", "src/export", "src/model", "src/storage", "src/verify"])
    .flatMap(filesBelow)
    .filter((path) => /\.(?:ts|css)$/u.test(path));
  const shipped = ["public/runs", "public/suites"].flatMap(filesBelow);
  const read = (path: string) =>
    (path.endsWith(".gz") ? gunzipSync(readFileSync(path)) : readFileSync(path)).toString();
  const withoutComments = (text: string) => text.replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gmu, "");
  return [
    ...["index.html", ...shipped, "public/models/kelvin-nano/card.json"].map(
      (path) => [path, read(path)] as [string, string],
    ),
    ...sources.map((path) => [path, withoutComments(read(path))] as [string, string]),
  ];
}

/** `unicode-range` of the face that lends the code face its signs. */
function lentRanges(): [number, number][] {
  const css = readFileSync("src/ui/fonts.css", "utf8");
  const range = /unicode-range:([^;]*);/u.exec(css)?.[1] ?? "";
  return range.split(",").map((part) => {
    const [first = "", last = first] = part.trim().slice(2).split("-");
    return [Number.parseInt(first, 16), Number.parseInt(last, 16)];
  });
}

describe("the fonts that ship", () => {
  const covered = new Map<string, Set<number>>();
  beforeAll(async () => {
    for (const { name } of SHIPPED_FONTS)
      covered.set(name, codePoints(await toTrueType(readFileSync(join(FOLDER, name)))));
  });
  const has = (name: string, code: number) => covered.get(name)?.has(code) ?? false;

  it.each(SHIPPED_FONTS)("are what npm run fonts makes: $name", async (font) => {
    expect((await subset(font)).equals(readFileSync(join(FOLDER, font.name)))).toBe(true);
  });

  it("take at most 150 KB together, with the licence of each beside it", () => {
    const bytes = SHIPPED_FONTS.map(({ name }) => statSync(join(FOLDER, name)).size).reduce(
      (sum, size) => sum + size,
      0,
    );
    expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
    for (const { name } of SHIPPED_FONTS)
      expect(readFileSync(join(FOLDER, name.replace("woff2", "LICENSE.txt")), "utf8")).toContain(
        "SIL OPEN FONT LICENSE",
      );
  });

  it("have every character that the page draws of its own, in both faces; only what models and visitors write falls to the system's", () => {
    const lent = lentRanges();
    const missing = new Map<string, string>();
    for (const [path, text] of drawnTexts()) {
      for (const character of new Set([...ASCII, ...(text.match(/[^\0-\x7f]/gu) ?? [])])) {
        const code = character.codePointAt(0) ?? 0;
        const isLent = lent.some(([first, last]) => code >= first && code <= last);
        if (!has("kelvin-sans.woff2", code)) missing.set(character, path);
        if (!has("kelvin-mono.woff2", code) && !isLent) missing.set(`${character} (code)`, path);
      }
    }
    expect([...missing]).toEqual([]);
  });

  it("do not lend the code face a sign that it has", () => {
    const twice = lentRanges().flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, i) => first + i).filter((code) => has("kelvin-mono.woff2", code)),
    );
    expect(twice).toEqual([]);
  });

  it("are asked for in weights that they have", () => {
    const asked = filesBelow("src/ui").flatMap((path) =>
      [...readFileSync(path, "utf8").matchAll(/font(?:-weight|Weight)?["']?:\s*["']?(\d{3})\b/gu)].map(([, weight]) =>
        Number(weight),
      ),
    );
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter((weight) => weight < 400 || weight > 700)).toEqual([]);
  });
});
