import type { ModelChoice } from "../../contracts";
import type { OnBytes } from "../../download/download";
import { modelFolder, urlSource } from "../../download/from-url";
import { type ModelFiles, readModel } from "../../model/model-files";
import { fetchModel } from "../fetch-model";
import { filesSource } from "./from-files";
import { openShelf } from "./shelf";

/**
 * Opens the model a visitor chose. Its small files are read and checked; weights of chosen files stay where they are, and
 * those on a server are fetched to this device first, unless they are there already.
 * @param root the folder the page lies in, with a slash at its end
 * @throws KelvinError "model" or "input" for what cannot be a model, "storage" where the device cannot keep it
 */
export async function openModel(choice: ModelChoice, root: URL, onBytes: OnBytes): Promise<ModelFiles> {
  if (typeof choice === "string")
    return fetchModel(root, choice, (loaded, total) => onBytes(loaded, total, "model.safetensors"));
  if ("files" in choice) return readModel(filesSource(choice.files, onBytes));
  const folder = modelFolder(choice.url);
  return readModel(urlSource(folder, await openShelf(folder.href), onBytes));
}
