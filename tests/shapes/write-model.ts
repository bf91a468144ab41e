import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseConfig } from "../../src/model/config";
import { parameterLayout } from "../../src/model/parameters";
import { safetensorsParts, type Tensor } from "../../src/model/safetensors";
import type { Family } from "./families";
import type { Language } from "./vocabularies";

/** A number in [−1, 1) that depends on a tensor and on where in the tensor it stands. */
function noise(tensor: number, index: number): number {
  let h = Math.imul(index ^ Math.imul(tensor + 1, 0x27d4eb2f), 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 31 - 1;
}

/** Random weights of a model: gains near 1, all else below 0.3. */
function randomTensors(config: object): Map<string, Tensor> {
  const { parameters } = parameterLayout(parseConfig(config));
  return new Map(
    parameters.map(({ name, shape }, tensor) => {
      const [mean, spread] = name.endsWith("norm.weight") ? [1, 0.2] : [0, 0.3];
      const count = shape.reduce((product, size) => product * size, 1);
      const data = Float32Array.from({ length: count }, (_, i) => mean + spread * noise(tensor, i));
      return [name, { shape, data }];
    }),
  );
}

/** The files of a family's model folder, with random weights. */
export function modelFiles(family: Family, language: Language): Map<string, Uint8Array> {
  const json = { "config.json": family.config, "generation_config.json": family.generation };
  const own = { "tokenizer.json": language.tokenizer, "tokenizer_config.json": language.tokenizerConfig };
  const texts = Object.entries({ ...json, ...own }).map(([name, value]): [string, Uint8Array] => [
    name,
    new TextEncoder().encode(JSON.stringify(value)),
  ]);
  const parts = safetensorsParts(randomTensors(family.config), { format: "pt" });
  return new Map([...texts, ["model.safetensors", Buffer.concat(parts)]]);
}

/** Writes files into a folder, which is made, after those of another folder, if one is named. */
export function writeFolder(folder: string, files: ReadonlyMap<string, Uint8Array>, companions?: string): string {
  mkdirSync(folder, { recursive: true });
  if (companions !== undefined) cpSync(companions, folder, { recursive: true });
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
  return folder;
}
