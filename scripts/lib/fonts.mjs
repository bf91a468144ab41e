import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { projectRoot } from "./process.mjs";

/**
 * @typedef {{
 *   name: string, source: string, licence: string, ranges: readonly (readonly [number, number])[],
 *   features: readonly string[], axes: Record<string, { min: number, max: number }>
 * }} ShippedFont one file of public/fonts: where it comes from and what of it is kept
 */

/** Printable ASCII, Latin-1, Latin Extended-A. @type {readonly (readonly [number, number])[]} */
const LATIN = [
  [0x20, 0x7e],
  [0xa0, 0x17f],
];

/** Greek, general punctuation, superscripts and subscripts, arrows, mathematics, signs for keys. @type {readonly (readonly [number, number])[]} */
const SIGNS = [
  [0x391, 0x3c9],
  [0x2010, 0x2044],
  [0x2070, 0x209c],
  [0x20ac, 0x20ac],
  [0x2122, 0x2122],
  [0x2190, 0x2199],
  [0x2200, 0x22ff],
  [0x2318, 0x2318],
  [0x2325, 0x2325],
  [0x23ce, 0x23ce],
  [0x2423, 0x2423],
  [0x2713, 0x2717],
];

/** Weights that the style sheets ask for lie between these (tokens.css). */
const WEIGHTS = { min: 400, max: 700 };

/** The fonts that ship with the page; docs/decisions/0010-fonts.md has the reasons. @type {readonly ShippedFont[]} */
export const SHIPPED_FONTS = [
  {
    name: "kelvin-sans.woff2",
    source: "inter-ui/variable/InterVariable.woff2",
    licence: "inter-ui/LICENSE.txt",
    ranges: [...LATIN, ...SIGNS],
    // Kerning, accents and digits of one width. No contextual forms: "->" stays what was written.
    features: ["kern", "ccmp", "locl", "mark", "tnum"],
    axes: { wght: WEIGHTS },
  },
  {
    name: "kelvin-mono.woff2",
    source: "@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2",
    licence: "@fontsource-variable/jetbrains-mono/LICENSE",
    ranges: [...LATIN, [0x2010, 0x2044], [0x2191, 0x2191], [0x2193, 0x2193], [0x2212, 0x2212]],
    // No ligatures: a program is shown character by character.
    features: ["ccmp", "locl", "mark"],
    axes: { wght: WEIGHTS },
  },
];

const require = createRequire(import.meta.url);

/** @param {string} path a file of a package, the package's name first */
export const packageFile = (path) => {
  const name = path.split("/", path.startsWith("@") ? 2 : 1).join("/");
  return join(dirname(require.resolve(`${name}/package.json`, { paths: [projectRoot] })), path.slice(name.length));
};

/**
 * The part of a font that ships: its characters, features and weights, as WOFF2.
 * @param {ShippedFont} font
 * @returns {Promise<Buffer>} the same bytes every time
 */
export async function subset({ source, ranges, features, axes }) {
  const { default: subsetFont } = await import("subset-font");
  const text = ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
  return subsetFont(readFileSync(packageFile(source)), text.map((code) => String.fromCodePoint(code)).join(""), {
    targetFormat: "woff2",
    noHinting: true,
    keepFeatures: [...features],
    variationAxes: axes,
  });
}

/**
 * A font as TrueType, for those who want to read its tables.
 * @param {Buffer} font WOFF2
 * @returns {Promise<Buffer>}
 */
export async function toTrueType(font) {
  const { default: subsetFont } = await import("subset-font");
  return subsetFont(font, undefined, { targetFormat: "sfnt", keepAllGlyphs: true });
}
