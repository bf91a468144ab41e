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
 * What stands for a shader's text in the page's code.
 * @param {string} path of the shader
 */
export function shaderMark(path) {
  return `«${relative(folder, path)}»`;
}

/** The text of every shader by its mark, without comments and indentation. */
export function shaderTexts() {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".wgsl"));
  const text = (/** @type {string} */ path) =>
    bareText(readFileSync(path, "utf8"), /\/\/.*$/gm).replaceAll(/^ +/gm, "");
  const paths = names.sort().map((name) => join(folder, name));
  return Object.fromEntries(paths.map((path) => [shaderMark(path), text(path)]));
}
