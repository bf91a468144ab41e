import { KelvinError } from "../contracts";
import { readSafetensors, type Tensor, writeSafetensors } from "./safetensors";

/** What a training run goes on from, bit for bit: numbers as they lie in the flat space of what is trained. */
export interface TrainingState {
  /** "weights" of a whole model or of its "adapter". */
  readonly trained: "weights" | "adapter";
  readonly values: Float32Array<ArrayBuffer>;
  readonly firstMoment: Float32Array<ArrayBuffer>;
  readonly secondMoment: Float32Array<ArrayBuffer>;
  readonly updates: number;
}

/** The state as a safetensors file, float32 throughout: a count of updates is exact up to 2²⁴. */
export function writeState(state: TrainingState): Uint8Array<ArrayBuffer> {
  const tensor = (data: Float32Array<ArrayBuffer>): Tensor => ({ shape: [data.length], data });
  return writeSafetensors(
    new Map([
      [state.trained, tensor(state.values)],
      ["firstMoment", tensor(state.firstMoment)],
      ["secondMoment", tensor(state.secondMoment)],
      ["updates", tensor(Float32Array.of(state.updates))],
    ]),
  );
}

/** @throws KelvinError "model" where the state is not one of `floats` numbers of what is trained */
export function readState(bytes: Uint8Array, trained: TrainingState["trained"], floats: number): TrainingState {
  const { tensors } = readSafetensors(bytes);
  const flat = (name: string, length: number): Float32Array<ArrayBuffer> => {
    const tensor = tensors.get(name);
    if (tensor?.data.length !== length)
      throw new KelvinError(
        "model",
        `checkpoint: ${name} is missing or not ${length} numbers long`,
        "It belongs to another model.",
      );
    return tensor.data;
  };
  return {
    trained,
    values: flat(trained, floats),
    firstMoment: flat("firstMoment", floats),
    secondMoment: flat("secondMoment", floats),
    updates: flat("updates", 1)[0] as number,
  };
}
