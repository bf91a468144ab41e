import { readFileSync } from "node:fs";
import { readModelFolder } from "../../src/cli/model-folder";
import { exportOnnx } from "../../src/export/decoder";
import { parseConfig } from "../../src/model/config";
import { readAll } from "../../src/model/stored-weights";
import { loadTokenizer } from "../../src/model/tokenizer";
import { Runtime } from "./runtime";

/** The shipped model, read and exported, and the first prompts of each task type. */
export async function openShipped() {
  const files = await readModelFolder("public/models/kelvin-nano");
  const config = parseConfig(files.config);
  const tokenizer = loadTokenizer(files.tokenizer, config.endToken);
  const parts = exportOnnx(config, await readAll(files.weights));
  const prompts = promptsOf("public/suites/in-distribution.jsonl").map((text) => tokenizer.encode(text));
  return { files, config, tokenizer, prompts, parts, runtime: await Runtime.open(parts, config) };
}

/** Two prompts of each task type. */
function promptsOf(suite: string): string[] {
  const lines = readFileSync(suite, "utf8").trim().split("\n");
  const rows = lines.map((line) => JSON.parse(line) as { type: string; prompt: string });
  return ["deduction", "abduction", "induction"].flatMap((name) =>
    rows
      .filter(({ type }) => type === name)
      .slice(0, 2)
      .map(({ prompt }) => prompt),
  );
}
