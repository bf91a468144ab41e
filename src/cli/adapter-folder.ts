import type { ModelConfig } from "../model/config";
import type { Adapter } from "../model/merge";
import { readPeft } from "../model/peft";
import { folderSource } from "./model-folder";

/** Reads an adapter in PEFT's layout for a model. @throws KelvinError "model" when there is none, or another model's */
export function readAdapterFolder(folder: string, model: ModelConfig): Promise<Adapter> {
  return readPeft({ ...folderSource(folder), name: folder }, model);
}
