import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { licencesText, shippedLicences } from "../../scripts/lib/licences.mjs";

it("lists every package of the page with its licence, the fonts, and what lies within packages", () => {
  const licences = shippedLicences(".");
  const names = licences.map(({ name }) => name);
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
  expect(names).toEqual(expect.arrayContaining([...Object.keys(dependencies), "lit-html", "@lezer/common"]));
  expect(names.filter((name) => /kelvin-(?:mono|sans)|CPython|Font Awesome/.test(name))).toHaveLength(4);
  // One of these would not let the page be given away; an unknown one wants to be read.
  const known = /^(?:MIT|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|BlueOak-1\.0\.0|MPL-2\.0|OFL-1\.1|PSF-2\.0|CC-BY-4\.0)$/;
  expect(licences.filter(({ licence }) => !known.test(licence))).toEqual([]);
  expect(licences.filter(({ text, source }) => text === "" && source === "").map(({ name }) => name)).toEqual([]);
  expect(licencesText(licences)).toContain("pyodide · 314.0.7 · MPL-2.0");
});
