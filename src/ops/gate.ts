import { type Gpu, view } from "../gpu/gpu";
import { type LinearShape, linearOps } from "./linear";
import { allBy, FEW_ROWS, type LinearKernels, type LinearVariant, usualKernels, variantsOf } from "./linear-variants";

/** Odd on purpose: no tile divides it, and the sum of the weight gradient is long enough to be cut. Padded widths, rows free. */
const SHAPE = { rows: 293, inputs: 60, outputs: 44 };
const FEW: readonly LinearShape[] = [1, FEW_ROWS - 1, FEW_ROWS].map((rows) => ({ ...SHAPE, rows }));
/** Variants add the same terms, in orders that may differ: float32 keeps far better than this. */
const TOLERANCE = 1e-5;

/** Numbers between −0.5 and 0.5 that repeat only after 61. */
export function pattern(floats: number, stride: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: floats }, (_, i) => (((i * stride) % 61) - 30) / 61);
}

/**
 * Numerics gate: run every kernel that is wanted beside the plain ones on this very device, and take the plain ones where
 * they disagree. Drivers have assumed wrong subgroup sizes before; a wrong product would train silently. The kernel for few
 * rows must give the same bits as the one for many: a row's result may not depend on how many rows there are.
 * @returns the kernels that this device may use
 */
export async function gateLinear(
  gpu: Gpu,
  wanted: LinearKernels = { ...usualKernels(gpu), few: "few" },
): Promise<LinearKernels> {
  const variants = [...new Set([wanted.forward, wanted.backwardX, wanted.backwardW])];
  const wrong = new Set<LinearVariant>();
  const plain = variants.every((variant) => variant === "plain") ? null : await products(gpu, "plain");
  for (const variant of variants) {
    if (variant === "plain" || plain === null) continue;
    const isKnown = variantsOf(gpu).includes(variant);
    if (!isKnown || !agree(await products(gpu, variant), plain)) wrong.add(variant);
  }
  const allowed = (variant: LinearVariant): LinearVariant => (wrong.has(variant) ? "plain" : variant);
  const forward = allowed(wanted.forward);
  const few = wanted.few === "few" && (await sameBits(gpu, forward)) ? "few" : "forward";
  return { forward, few, backwardX: allowed(wanted.backwardX), backwardW: allowed(wanted.backwardW) };
}

/** Whether two kernels computed the same but for the order of their sums. */
export function agree(ours: Float32Array, plain: Float32Array): boolean {
  return ours.every((value, i) => {
    const expected = plain[i] as number;
    return Math.abs(value - expected) <= TOLERANCE * Math.max(1, Math.abs(expected));
  });
}

/** Whether few rows come out of their own kernel as they come out of `variant`. */
async function sameBits(gpu: Gpu, variant: LinearVariant): Promise<boolean> {
  for (const shape of FEW) {
    const own = await forwards(gpu, { ...allBy(variant), few: "few" }, shape);
    const many = await forwards(gpu, allBy(variant), shape);
    if (!own.every((value, i) => Object.is(value, many[i]))) return false;
  }
  return true;
}

/** y, dx and dw of one variant, one after another. */
async function products(gpu: Gpu, variant: LinearVariant): Promise<Float32Array> {
  const { rows, inputs, outputs } = SHAPE;
  return onDevice(gpu, allBy(variant), SHAPE, [rows * outputs, rows * inputs, outputs * inputs]);
}

function forwards(gpu: Gpu, kernels: LinearKernels, shape: LinearShape): Promise<Float32Array> {
  return onDevice(gpu, kernels, shape, [shape.rows * shape.outputs]);
}

/** The first results of forward, backwardX and backwardW, as many as there are sizes. */
async function onDevice(
  gpu: Gpu,
  kernels: LinearKernels,
  shape: LinearShape,
  sizes: readonly number[],
): Promise<Float32Array> {
  const { rows, inputs, outputs } = shape;
  const linear = linearOps(gpu, kernels);
  await gpu.ready();
  const plan = (name: string, data: Float32Array<ArrayBuffer>) => {
    const buffer = gpu.storage(`gate.${name}`, data.length);
    gpu.write(buffer, data);
    return view(buffer);
  };
  const x = plan("x", pattern(rows * inputs, 7));
  const w = plan("w", pattern(outputs * inputs, 11));
  const dy = plan("dy", pattern(rows * outputs, 13));
  const results = sizes.map((size, i) => plan(`result.${i}`, new Float32Array(size)));
  const [y, dx, dw] = results;
  if (y) linear.forward(shape, x, w, y);
  if (dx) linear.backwardX(shape, dy, w, dx);
  if (dw) linear.backwardW(shape, dy, x, dw);
  const parts: Float32Array[] = [];
  for (const result of results) parts.push(await gpu.readFloats(result));
  for (const { buffer } of [x, w, dy, ...results]) gpu.destroyBuffer(buffer);
  return Float32Array.from(parts.flatMap((part) => [...part]));
}
