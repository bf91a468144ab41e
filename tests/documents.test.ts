import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const below = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name));
const DOCUMENTS = [...readdirSync("."), ...below("docs"), ...below("public")].filter(
  // The log says what was.
  (name) => name.endsWith(".md") && name !== "docs/log.md",
);
/** Where a document may take a path to begin. */
const ROOTS = ["", "src", "tests", "shaders", "scripts", "public"];

/** What a pattern's first group catches, with the document it stands in. */
function mentions(pattern: RegExp): { readonly document: string; readonly name: string }[] {
  return DOCUMENTS.flatMap((document) =>
    [...readFileSync(document, "utf8").matchAll(pattern)].map(([, name = ""]) => ({ document, name })),
  );
}

/** The cells of an arm's rows in the table of an experiment. */
function runsOf(experiment: string, arm: string): string[][] {
  return readFileSync(`docs/experiments/${experiment}.md`, "utf8")
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .filter(([, name]) => name === arm);
}

describe("the documents", () => {
  it("link to what is there", () => {
    const links = mentions(/\]\((?!https?:)([^)#\s]+)/g);
    expect(links.length).toBeGreaterThan(10);
    expect(links.filter(({ document, name }) => !existsSync(join(dirname(document), name)))).toEqual([]);
  });

  it("name files that are there", () => {
    const files = mentions(/`([\w./-]+\/[\w.-]+\.(?:ts|mjs|wgsl|md|css))`/g);
    expect(files.length).toBeGreaterThan(20);
    const placeholder = "src/cli/NAME.ts";
    expect(
      files.filter(({ name }) => name !== placeholder && !ROOTS.some((root) => existsSync(join(root, name)))),
    ).toEqual([]);
  });

  it("name tests that are there, for everything that can go wrong on the page", () => {
    const tests = mentions(/`((?:e2e|gpu|ui|model|workers|telemetry|download)\/[\w-]+)`/g);
    expect(tests.filter(({ document }) => document === "docs/failures.md").length).toBeGreaterThan(30);
    expect(tests.filter(({ name }) => !existsSync(`tests/${name}.test.ts`) && !existsSync(`src/${name}`))).toEqual([]);
  });

  it("name commands that package.json has", () => {
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
    const commands = mentions(/npm run (\w[\w-]*)/g);
    expect(commands.length).toBeGreaterThan(20);
    expect(commands.filter(({ name }) => !(name in scripts))).toEqual([]);
  });

  it("have in README's table what the experiments measured", () => {
    const readme = readFileSync("README.md", "utf8");
    const rows = [
      ["Absolute Zero (AZR), 60 steps", "azr", "AZR"],
      ["1-shot RLVR, 45 steps", "one-shot", "the rule's example"],
      ["RLVR (GRPO), 60 steps", "rlvr", "grpo"],
      ["TTRL, no labels, deductions only, 40 steps", "ttrl", "majority"],
      ["few-shot SFT, 256 worked pairs, 48 steps", "sft", "256 worked pairs"],
      ["random rewards (control), 100 steps", "azr", "random rewards on fixed tasks (control)"],
    ] as const;
    for (const [label, experiment, arm] of rows) {
      const runs = runsOf(experiment, arm);
      // Deduction, abduction, induction: one value before, and one after it for each seed.
      const cells = [4, 5, 6].map((column) => {
        const [before] = (runs[0]?.[column] ?? "").split(" → ");
        return `${before} → ${runs.map((run) => run[column]?.split(" → ")[1]).join(", ")}`;
      });
      expect(readme.replaceAll("**", "")).toContain(`| ${label} | ${runs.length} | ${cells.join(" | ")} |`);
    }
  });

  it("have in README what RLHF's experiment measured", () => {
    const readme = readFileSync("README.md", "utf8").replaceAll("**", "");
    for (const [label, arm] of [
      ["RLHF, 128 choices, 60 steps", "128 choices"],
      ["RLHF, coin flips for choices (control)", "coins for choices (control)"],
    ] as const) {
      const runs = runsOf("rlhf", arm);
      const [before, after] = [0, 1].map((side) => runs.map((run) => run[11]?.split(" → ")[side]).join(", "));
      expect(readme).toContain(`| ${label} | ${runs.length} | ${before} → ${after} |`);
    }
  });

  it("have in README what LADDER's experiment measured", () => {
    const readme = readFileSync("README.md", "utf8").replaceAll("**", "");
    for (const [label, arm] of [
      ["LADDER, 150 steps", "LADDER"],
      ["LADDER's ten tasks alone (control), 150 steps", "roots alone (control)"],
    ] as const) {
      const runs = runsOf("ladder", arm);
      // Five to eight statements, then up to four.
      const cells = [8, 4, 5, 6, 7].map((column) => {
        const [before] = (runs[0]?.[column] ?? "").split(" → ");
        return `${before} → ${runs.map((run) => run[column]?.split(" → ")[1]).join(", ")}`;
      });
      expect(readme).toContain(`| ${label} | ${runs.length} | ${cells.join(" | ")} |`);
    }
  });

  it("say in README what every folder of the sources is for", () => {
    const table = readFileSync("README.md", "utf8").split("## Where things are")[1] ?? "";
    const folders = readdirSync("src", { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => `src/${name}`).filter((folder) => !table.includes(`\`${folder}\``))).toEqual([]);
  });

  it("number the decisions one after another", () => {
    const numbers = readdirSync("docs/decisions").map((file) => {
      const number = file.slice(0, 4);
      expect(readFileSync(join("docs/decisions", file), "utf8")).toMatch(new RegExp(`^# ${number}: `));
      return Number(number);
    });
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  });
});
