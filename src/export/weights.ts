import { placedTensors } from "../model/belongs";
import type { ModelConfig } from "../model/config";
import { parameterLayout } from "../model/parameters";
import type { Tensor } from "../model/safetensors";
import { readAll, type StoredTensors } from "../model/stored-weights";

/**
 * Reads the tensors that make up a model, in the order of its file and with their Hugging Face names. Others in the file
 * (buffers, a tied head stored again) are left out.
 * @throws KelvinError "model" for a missing tensor, a wrong shape, or a tensor that would be lost
 */
export async function modelWeights(config: ModelConfig, stored: StoredTensors): Promise<Map<string, Tensor>> {
  const layout = parameterLayout(config);
  const tensors = await placedTensors(layout, stored);
  const names = new Set(layout.parameters.map(({ name }) => name));
  return readAll(new Map([...tensors].filter(([name]) => names.has(name))));
}
