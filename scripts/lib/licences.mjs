// Licences of everything that the page ships: the packages of package.json, what they need in turn, and the fonts.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** @typedef {{ name: string, version: string, licence: string, source: string, text: string }} Licence */

/** What lies in a package or comes from none: not in any package.json. */
const WITHIN = [
  ["CPython 3.14, in pyodide", "PSF-2.0", "https://docs.python.org/3.14/license.html"],
  ["Font Awesome Free 7 (some icons), in @awesome.me/webawesome", "CC-BY-4.0", "https://fontawesome.com/license/free"],
].map(([name = "", licence = "", source = ""]) => ({ name, version: "", licence, source, text: "" }));

/**
 * @param {string} root the project's folder
 * @returns {Licence[]} sorted by name
 */
export function shippedLicences(root) {
  const { dependencies } = readPackage(root);
  /** @type {Map<string, Licence>} */
  const found = new Map();
  const queue = Object.keys(dependencies ?? {});
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const folder = join(root, "node_modules", name);
    // Optional and foreign parts that are not installed are not shipped either.
    if (found.has(name) || !existsSync(join(folder, "package.json"))) continue;
    const { version, license = "see its text", repository, dependencies: needed } = readPackage(folder);
    const source = typeof repository === "string" ? repository : (repository?.url ?? "");
    found.set(name, { name, version, licence: license, source, text: licenceText(folder) });
    for (const one of Object.keys(needed ?? {})) queue.push(one);
  }
  const folder = join(root, "public/fonts");
  const fonts = [
    ["kelvin-mono", "JetBrains Mono", "https://github.com/JetBrains/JetBrainsMono"],
    ["kelvin-sans", "Inter", "https://github.com/rsms/inter"],
  ].map(([file = "", font, source = ""]) => {
    const text = readFileSync(join(folder, `${file}.LICENSE.txt`), "utf8");
    return { name: `${file}, made from ${font}`, version: "", licence: "OFL-1.1", source, text };
  });
  return [...found.values(), ...fonts, ...WITHIN].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * One text: a list, and then each licence in full.
 * @param {readonly Licence[]} licences
 */
export function licencesText(licences) {
  const title = (/** @type {Licence} */ { name, version, licence }) =>
    [name, version, licence].filter(Boolean).join(" · ");
  const full = licences.map(
    (one) => `\n\n=== ${title(one)} ===\n\n${[one.source, one.text.trim()].filter(Boolean).join("\n\n")}`,
  );
  return `This page contains:\n\n${licences.map(title).join("\n")}${full.join("")}\n`;
}

/** @param {string} folder */
function readPackage(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/** @param {string} folder */
function licenceText(folder) {
  const name = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
  return name === undefined ? "" : readFileSync(join(folder, name), "utf8");
}
