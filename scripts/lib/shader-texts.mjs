import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { projectRoot } from "./process.mjs";

const folder = join(projectRoot, "shaders");

/**
 * A text without its comments and empty lines.
 * @param {string} text
 * @param {RegExp} comment
 */
export function bareText(text, comment) {
  return text
    .replaceAll(comment, "")
    .replaceAll(/[ \t]+$/gm, "")
    .replaceAll(/\n{2,}/g, "\n");
}

/**
 * A shader's text without comments and indentation.
 * @param {string} path
 */
const textOf = (path) => bareText(readFileSync(path, "utf8"), /\/\/.*$/gm).replaceAll(/^ +/gm, "");

/** @param {string} path */
const markOf = (path) => `«${relative(folder, path)}»`;

/**
 * What the page's code holds of a shader: a mark, or its text if `src/ops/unroll.ts` has yet to write out its loops.
 * @param {string} path
 */
export function shaderMark(path) {
  const text = textOf(path);
  return text.includes("unroll for") ? text : markOf(path);
}

/** The text of every shader by its mark, without comments and indentation. */
export function shaderTexts() {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".wgsl"));
  const paths = names.sort().map((name) => join(folder, name));
  return Object.fromEntries(paths.map((path) => [markOf(path), textOf(path)]));
}
