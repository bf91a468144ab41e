import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

/** What makes markup or a program from text. */
const SINKS =
  /\b(?:innerHTML|outerHTML|insertAdjacentHTML|setHTMLUnsafe|unsafeHTML|unsafeSVG|unsafeStatic|createContextualFragment|DOMParser|srcdoc|eval\(|new Function)\b|document\.write\b/;

/** The files that may, and what they make: none of it is text of a run, a file or a link. */
const ALLOWED: Readonly<Record<string, string>> = {
  "src/ui/icons.ts": "the page's own drawings",
  "src/ui/views/learn-view.ts": "names of the page's own elements",
  "src/verify/jail-page.ts": "the jail's frame",
};

const files = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => join("src", name).replaceAll("\\", "/"));

const withoutComments = (file: string) => readFileSync(file, "utf8").replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, "");

it("only the named files make markup or programs from text", () => {
  expect(files.length).toBeGreaterThan(100);
  const found = files.filter((file) => SINKS.test(withoutComments(file)));
  expect(found.sort()).toEqual(Object.keys(ALLOWED).sort());
});
