import { type Gpu, view } from "../gpu/gpu";
import { linearOps } from "./linear";

/** Odd on purpose: no tile divides it. Padded widths, rows free. */
const SHAPE = { rows: 37, inputs: 60, outputs: 44 };
/** Both variants add the same terms, in orders that may differ: float32 keeps far better than this. */
const TOLERANCE = 1e-5;

function pattern(floats: number, stride: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: floats }, (_, i) => (((i * stride) % 61) - 30) / 61);
}

/**
 * Numerics gate: run the fast matrix products beside the plain ones on this very device, and fall back to the plain ones
 * where they disagree. Drivers have assumed wrong subgroup sizes before; a wrong product would train silently.
 * @returns the variant that every linear op of this device then uses
 */
export async function gateLinear(gpu: Gpu): Promise<"plain" | "subgroup8"> {
  if (!gpu.traits.subgroup8) return "plain";
  const fast = await products(gpu, "subgroup8");
  const plain = await products(gpu, "plain");
  const agree = fast.every(
    (value, i) => Math.abs(value - (plain[i] as number)) <= TOLERANCE * Math.max(1, Math.abs(plain[i] as number)),
  );
  if (!agree) gpu.traits = { ...gpu.traits, subgroup8: false };
  return agree ? "subgroup8" : "plain";
}

/** y, dx and dw of one variant, one after another. */
async function products(gpu: Gpu, variant: "plain" | "subgroup8"): Promise<Float32Array> {
  const { rows, inputs, outputs } = SHAPE;
  const sizes = [rows * outputs, rows * inputs, outputs * inputs] as const;
  const linear = linearOps(gpu, variant);
  await gpu.ready();
  const plan = (name: string, data: Float32Array<ArrayBuffer>) => {
    const buffer = gpu.storage(`gate.${name}`, data.length);
    gpu.write(buffer, data);
    return view(buffer);
  };
  const x = plan("x", pattern(sizes[1], 7));
  const w = plan("w", pattern(sizes[2], 11));
  const dy = plan("dy", pattern(sizes[0], 13));
  const results = sizes.map((size, i) => plan(`result.${i}`, new Float32Array(size)));
  const [y, dx, dw] = results as [typeof x, typeof x, typeof x];
  linear.forward(SHAPE, x, w, y);
  linear.backwardX(SHAPE, dy, w, dx);
  linear.backwardW(SHAPE, dy, x, dw);
  const parts = [];
  for (const result of results) parts.push(...(await gpu.readFloats(result)));
  for (const { buffer } of [x, w, dy, ...results]) gpu.destroyBuffer(buffer);
  return Float32Array.from(parts);
}
