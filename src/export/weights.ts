import type { ModelConfig } from "../model/config";
import { checkParameters, readableTensors, refuseUnplaced } from "../model/parameter-transfer";
import { parameterLayout } from "../model/parameters";
import type { Tensor } from "../model/safetensors";

/**
 * The tensors of a model in the order of its file, with Hugging Face names. Others in the file, such as a tied head stored again,
 * are left out.
 * @throws KelvinError "model" for a missing tensor, a wrong shape, or a tensor that would be lost
 */
export function modelWeights(config: ModelConfig, tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const layout = parameterLayout(config);
  checkParameters(layout, readableTensors(tensors));
  refuseUnplaced(layout, tensors.keys());
  const names = new Set(layout.parameters.map(({ name }) => name));
  return new Map([...tensors].filter(([name]) => names.has(name)));
}
