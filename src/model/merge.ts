import type { LoraConfig } from "../contracts";
import { fromHalves, toHalves } from "../device/halves";
import type { Tensor } from "./safetensors";

/** Adapters on the host; tensors have Hugging Face's names with `lora_A` or `lora_B` before `weight`. */
export interface Adapter {
  readonly lora: LoraConfig;
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Name of the adapters' model, for people. */
  readonly base: string;
}

/**
 * The base with W + (alpha / rank) · B A in place of every adapted W. Sums are float64, rounded once to float32. Other tensors
 * are returned unchanged, in the order of `base`. If the base is stored as halves, matrices are rounded to halves.
 * @throws KelvinError "model" if a matrix to be stored as halves has a number that exceeds them
 */
export function mergeAdapter(base: ReadonlyMap<string, Tensor>, { lora, tensors }: Adapter): Map<string, Tensor> {
  const scale = lora.alpha / lora.rank;
  return new Map(
    [...base].map(([name, stored]) => {
      const weight = lora.base === "float16" ? heldAsHalves(name, stored) : stored;
      const stem = name.replace(/weight$/, "");
      const a = tensors.get(`${stem}lora_A.weight`);
      const b = tensors.get(`${stem}lora_B.weight`);
      return [name, a && b ? merged(weight, a, b, scale) : weight];
    }),
  );
}

function heldAsHalves(name: string, { shape, data }: Tensor): Tensor {
  const isVector = shape.length < 2;
  return { shape, data: isVector ? data : fromHalves(toHalves(data, name)) };
}

function merged({ shape, data }: Tensor, a: Tensor, b: Tensor, scale: number): Tensor {
  const [rows = 0, columns = 0] = shape;
  const rank = a.shape[0] ?? 0;
  const sum = new Float32Array(data.length);
  const row = new Float64Array(columns);
  for (let n = 0; n < rows; n++) {
    row.fill(0);
    for (let r = 0; r < rank; r++) {
      const factor = b.data[n * rank + r] as number;
      for (let k = 0; k < columns; k++) (row[k] as number) += factor * (a.data[r * columns + k] as number);
    }
    for (let k = 0; k < columns; k++)
      sum[n * columns + k] = (data[n * columns + k] as number) + scale * (row[k] as number);
  }
  return { shape, data: sum };
}
