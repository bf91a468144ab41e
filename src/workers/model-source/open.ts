import type { ModelChoice } from "../../contracts";
import type { OnBytes } from "../../download/download";
import { modelFolder, urlSource } from "../../download/from-url";
import { type ModelFiles, readModel } from "../../model/model-files";
import { fetchModel } from "../fetch-model";
import { filesSource } from "./from-files";
import { openShelf } from "./shelf";

/**
 * Opens the model that a visitor chose. Small files are read and checked. Weights of chosen files stay where they are; those on a
 * server are downloaded to this device first, unless they are stored already.
 * @param root the page's folder, with a slash at its end
 * @throws KelvinError "model" or "input" if it is not a model, "storage" if the device cannot store it
 */
export async function openModel(choice: ModelChoice, root: URL, onBytes: OnBytes): Promise<ModelFiles> {
  if (typeof choice === "string")
    return fetchModel(root, choice, (loaded, total) => onBytes(loaded, total, "model.safetensors"));
  if ("files" in choice) return readModel(filesSource(choice.files, onBytes));
  const folder = modelFolder(choice.url);
  return readModel(urlSource(folder, await openShelf(folder.href), onBytes));
}
