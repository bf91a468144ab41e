import { KelvinError } from "../contracts";
import { areFinite, demandFinite } from "./finite";
import { type FileParts, safetensorsParts, type Tensor } from "./safetensors";
import type { ModelFile } from "./source";
import { openTensors, readWhole } from "./stored-weights";

/** State from which training resumes bit for bit: numbers in the flat layout of the trained parameters. */
export interface TrainingState {
  /** Whether these are a whole model's "weights" or its "adapter". */
  readonly trained: "weights" | "adapter";
  readonly values: Float32Array<ArrayBuffer>;
  readonly firstMoment: Float32Array<ArrayBuffer>;
  readonly secondMoment: Float32Array<ArrayBuffer>;
  readonly updates: number;
}

/**
 * The state as a safetensors file in float32; the update count is exact up to 2²⁴.
 * @throws KelvinError "diverged" if a number is infinite or not a number: from such a state nothing can be learned
 */
export function writeState(state: TrainingState): FileParts {
  demandFinite(state.values, `the ${state.trained === "adapter" ? "adapters" : "weights"}`);
  for (const moment of [state.firstMoment, state.secondMoment]) demandFinite(moment, "the moments of the optimizer");
  const tensor = (data: Float32Array<ArrayBuffer>): Tensor => ({ shape: [data.length], data });
  return safetensorsParts(
    new Map([
      [state.trained, tensor(state.values)],
      ["firstMoment", tensor(state.firstMoment)],
      ["secondMoment", tensor(state.secondMoment)],
      ["updates", tensor(Float32Array.of(state.updates))],
    ]),
  );
}

/** @throws KelvinError "model" if the state does not have `floats` numbers of the same kind */
export async function readState(
  file: ModelFile,
  trained: TrainingState["trained"],
  floats: number,
): Promise<TrainingState> {
  const tensors = await openTensors(file, "checkpoint");
  const flat = async (name: string, length: number): Promise<Float32Array<ArrayBuffer>> => {
    const tensor = tensors.get(name);
    if (tensor?.shape.length !== 1 || tensor.shape[0] !== length)
      throw new KelvinError(
        "model",
        `checkpoint: ${name} is missing or not ${length} numbers long`,
        "It belongs to another model.",
      );
    const numbers = await readWhole(tensor);
    if (areFinite(numbers)) return numbers;
    throw new KelvinError("model", `checkpoint: ${name} has numbers that are not finite`, "Its training had diverged.");
  };
  return {
    trained,
    values: await flat(trained, floats),
    firstMoment: await flat("firstMoment", floats),
    secondMoment: await flat("secondMoment", floats),
    updates: (await flat("updates", 1))[0] as number,
  };
}
