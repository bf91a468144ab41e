import { existsSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { KelvinError } from "../contracts";
import type { ModelConfig } from "../model/config";
import type { Adapter } from "../model/merge";
import { readPeft } from "../model/peft";
import { type Arguments, overChosenBase } from "./arguments";
import { folderSource } from "./model-folder";

/**
 * Reads an adapter in PEFT's layout, over weights in the precision of `--base`; null if no folder is named.
 * @throws KelvinError "model" if the folder has no adapter, or another model's; "input" for `--base` without an adapter
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

/**
 * Refuses to add a checkpoint's own adapter to its weights: they already contain it.
 * @param model folder of the weights
 * @param option the option that named the adapter
 * @throws KelvinError "input" for a checkpoint's weights with the checkpoint's adapter
 */
export function refuseMerged(model: string, adapter: string | undefined, option: "adapter" | "lora"): void {
  if (adapter === undefined || !existsSync(adapter) || !existsSync(model)) return;
  if (dirname(realpathSync(adapter)) === realpathSync(model))
    throw new KelvinError("input", `${adapter} is merged into ${model} already`, `leave --${option} out`);
}
