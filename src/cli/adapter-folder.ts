import type { ModelConfig } from "../model/config";
import type { Adapter } from "../model/merge";
import { readPeft } from "../model/peft";
import { type Arguments, overChosenBase } from "./arguments";
import { folderSource } from "./model-folder";

/**
 * Reads an adapter in PEFT's layout for a model, over weights held as `--base` says; null where no folder is named.
 * @throws KelvinError "model" when there is none in it, or another model's; "input" for a base without an adapter
 */
export async function readAdapterFolder(
  folder: string | undefined,
  model: ModelConfig,
  options: Arguments,
): Promise<Adapter | null> {
  const adapter = folder === undefined ? null : await readPeft({ ...folderSource(folder), name: folder }, model);
  const lora = overChosenBase(options, adapter?.lora ?? null);
  return adapter && lora && { ...adapter, lora };
}
