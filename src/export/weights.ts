import { KelvinError } from "../contracts";
import type { ModelConfig } from "../model/config";
import { parameterLayout } from "../model/parameters";
import type { Tensor } from "../model/safetensors";

const HINT = "The weights do not belong to this config.json.";

/**
 * The tensors that make up a model, in the order of its file and with their Hugging Face names; others in the file (a
 * tied head stored again) are left out.
 * @throws KelvinError "model" for a missing tensor or a wrong shape
 */
export function modelWeights(config: ModelConfig, tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const { parameters } = parameterLayout(config);
  for (const { name, shape } of parameters) {
    const found = tensors.get(name)?.shape;
    if (!found) throw new KelvinError("model", `model.safetensors: ${name} is missing`, HINT);
    if (found.join() !== shape.join())
      throw new KelvinError("model", `${name}: expected [${shape}], got [${found}]`, HINT);
  }
  const names = new Set(parameters.map(({ name }) => name));
  return new Map([...tensors].filter(([name]) => names.has(name)));
}
