import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "vite";
import { describe, expect, it } from "vitest";

/** Phrases that make a reader read twice, each with a plain way to say it. */
const RIDDLES: readonly (readonly [riddle: RegExp, plain: string])[] = [
  [/\bwhere (?:there|it|they) (?:is|are|has|have|was|were|had) none\b/gi, "if missing, null if missing"],
  [/\bis none\b/gi, "is missing, is not a …"],
  [/\bwhere none (?:is|are|was|were|has|have)\b/gi, "if none is …, if missing"],
  [/\bwho(?:so)?ever\b/gi, "the caller, the reader, anyone"],
  [/\b(?:nobody|somebody) (?:asks|asked|looks|looked|waits|has asked)\b/gi, "the caller, the visitor"],
  [/\bwhat is none\b/gi, "what is not a …"],
  [/\bis no reason (?:for|to)\b/gi, "must not, cannot"],
  [/\bis (?:nobody|somebody|anybody)'s\b/gi, "belongs to …"],
];

interface Finding {
  readonly line: number;
  readonly text: string;
}

/** The riddles in a text, by line. Line breaks and comment markers count as spaces. */
function riddlesIn(text: string, firstLine = 1): Finding[] {
  const flat = text.replace(/\n[ \t]*(?:\*(?!\/)|\/\/)?/g, (gap) => `\n${" ".repeat(gap.length - 1)}`);
  return RIDDLES.flatMap(([riddle, plain]) =>
    [...flat.matchAll(new RegExp(riddle.source.replaceAll(" ", "\\s+"), riddle.flags))].map(({ 0: found, index }) => ({
      line: firstLine + flat.slice(0, index).split("\n").length - 1,
      text: `"${found.replace(/\s+/g, " ")}" (better: ${plain})`,
    })),
  );
}

/** Neighbouring line comments are one text, because sentences run on. */
function joined(comments: readonly { readonly start: number; readonly end: number }[], source: string) {
  const texts: { start: number; end: number }[] = [];
  for (const { start, end } of comments) {
    const last = texts.at(-1);
    if (last && /^\s*$/.test(source.slice(last.end, start))) last.end = end;
    else texts.push({ start, end });
  }
  return texts;
}

function findingsIn(path: string, source: string): Finding[] {
  // Parsing is slow, and most files have none of the words anywhere.
  if (riddlesIn(source).length === 0) return [];
  if (path.endsWith(".md")) return riddlesIn(withoutPrograms(source));
  const comments = path.endsWith(".wgsl")
    ? [...source.matchAll(/\/\/[^\n]*/g)].map(({ 0: text, index }) => ({ start: index, end: index + text.length }))
    : parseSync(path, source, { sourceType: "module" }).comments;
  return joined(comments, source).flatMap(({ start, end }) =>
    riddlesIn(source.slice(start, end), source.slice(0, start).split("\n").length),
  );
}

/** Blanks out code in a document; every line stays a line. */
function withoutPrograms(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```|^ {4}.*$|`[^`\n]*`/gm, (code) => code.replace(/[^\n]/g, " "));
}

const below = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name));

describe("plain English", () => {
  const FILES = [
    ...readdirSync("."),
    ...["docs", "public", "src", "shaders", "scripts", "tests"].flatMap(below),
  ].filter(
    // The log is history; this file quotes what it bans.
    (name) => /\.(?:md|ts|mjs|wgsl)$/.test(name) && name !== "docs/log.md" && name !== "tests/plain-english.test.ts",
  );

  it("has no riddles in documents and comments", () => {
    expect(FILES.length).toBeGreaterThan(500);
    const findings = FILES.flatMap((file) =>
      findingsIn(file, readFileSync(file, "utf8")).map(({ line, text }) => `${file}:${line}: ${text}`),
    );
    expect(findings).toEqual([]);
  });

  it("finds a riddle in every kind of file, across line breaks", () => {
    expect(findingsIn("a.md", "# A\n\nThe file, or null where there\nis none.\n")).toMatchObject([
      { line: 3 },
      { line: 4 },
    ]);
    expect(findingsIn("a.ts", "const a = 1;\n/**\n * For whoever\n * asks.\n */\n")).toMatchObject([{ line: 3 }]);
    expect(findingsIn("a.ts", "// The rest where there\n// is none.\nf();\n").length).toBeGreaterThan(0);
    expect(findingsIn("a.mjs", "f(); // a run of no step is none\n")).toMatchObject([{ line: 1 }]);
    expect(findingsIn("a.wgsl", "let a = 1; // for whoever reads it\n")).toMatchObject([{ line: 1 }]);
  });

  it("leaves code and program text alone", () => {
    expect(findingsIn("a.ts", 'const whoever = "where there is none"; // fine\nconst b = /\\/\\/ is none/;\n')).toEqual(
      [],
    );
    expect(findingsIn("a.wgsl", "let whoever = 1;\n")).toEqual([]);
    expect(findingsIn("a.md", "Say `whoever`:\n\n```\nis none\n```\n\n    is none\n")).toEqual([]);
  });
});
