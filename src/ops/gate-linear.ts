import { KelvinError, type Precision } from "../contracts";
import { type Device, type View, view } from "../device/device";
import { toHalves } from "../device/halves";
import { agree, pattern } from "./gate";
import { type LinearShape, linearOps } from "./linear";
import {
  allBy,
  FEW_ROWS,
  type LinearKernels,
  type LinearVariant,
  usualLinearKernels,
  variantsOf,
} from "./linear-variants";

/** Not divisible by any tile, and the sum of the weight gradient is long enough to be cut. Widths are padded. */
const SHAPE = { rows: 293, inputs: 60, outputs: 44 };
const FEW: readonly LinearShape[] = [1, FEW_ROWS - 1, FEW_ROWS].map((rows) => ({ ...SHAPE, rows }));

/** Weights of a check: multiples of `unit`, exact in either precision, and their precision. */
interface Weighing {
  readonly unit: number;
  readonly precision: Precision;
}
const USUAL: Weighing = { unit: 2 ** -6, precision: "float32" };
/** Units for halves: normal and subnormal ones, which a device might flush to zero. */
const UNITS = [2 ** -6, 2 ** -24];

/**
 * Numerics check: compares every wanted kernel with the plain one on this device. Where they differ, the plain one is used.
 * Drivers have reported wrong subgroup sizes before, and a wrong product would train without an error. The kernel for few rows
 * must give the same bits as the one for many, because a row's result must not depend on the number of rows.
 * @returns the kernels that this device may use
 */
export async function gateLinear(
  device: Device,
  wanted: LinearKernels = { ...usualLinearKernels(device), few: "few" },
): Promise<LinearKernels> {
  const variants = [...new Set([wanted.forward, wanted.backwardX, wanted.backwardW])];
  const wrong = new Set<LinearVariant>();
  const plain = variants.every((variant) => variant === "plain") ? null : await products(device, "plain");
  for (const variant of variants) {
    if (variant === "plain" || plain === null) continue;
    const isKnown = variantsOf(device).includes(variant);
    if (!isKnown || !agree(await products(device, variant), plain)) wrong.add(variant);
  }
  const allowed = (variant: LinearVariant): LinearVariant => (wrong.has(variant) ? "plain" : variant);
  const forward = allowed(wanted.forward);
  const few = wanted.few === "few" && (await sameBits(device, forward)) ? "few" : "forward";
  return { forward, few, backwardX: allowed(wanted.backwardX), backwardW: allowed(wanted.backwardW) };
}

/**
 * The same for half-precision weights: compares each kernel with the plain one over the same numbers in float32.
 * @throws KelvinError "config" if even the plain kernel reads halves wrongly
 */
export async function gateHalves(device: Device, passed: LinearKernels): Promise<LinearKernels> {
  const right = new Set<LinearVariant>();
  for (const variant of new Set([passed.forward, passed.backwardX, "plain"] as const))
    if (await readsHalves(device, variant)) right.add(variant);
  if (!right.has("plain"))
    throw new KelvinError("config", "this adapter reads half precision wrongly", "Keep the frozen weights in float32.");
  const allowed = (variant: LinearVariant): LinearVariant => (right.has(variant) ? variant : "plain");
  const forward = allowed(passed.forward);
  const few = passed.few === "few" && (await sameBits(device, forward, "float16")) ? "few" : "forward";
  return { ...passed, forward, few, backwardX: allowed(passed.backwardX) };
}

async function readsHalves(device: Device, variant: LinearVariant): Promise<boolean> {
  const { rows, inputs, outputs } = SHAPE;
  const sizes = [rows * outputs, rows * inputs];
  for (const unit of UNITS) {
    const expected = await onDevice(device, allBy("plain"), SHAPE, sizes, { unit, precision: "float32" });
    const ours = await onDevice(device, allBy(variant), SHAPE, sizes, { unit, precision: "float16" });
    if (!agree(ours, expected)) return false;
  }
  return true;
}

/** Whether the kernel for few rows gives the same bits as `variant`. */
async function sameBits(device: Device, variant: LinearVariant, precision: Precision = "float32"): Promise<boolean> {
  for (const shape of FEW) {
    const size = [shape.rows * shape.outputs];
    const own = await onDevice(device, { ...allBy(variant), few: "few" }, shape, size, { ...USUAL, precision });
    const many = await onDevice(device, allBy(variant), shape, size, { ...USUAL, precision });
    if (!own.every((value, i) => Object.is(value, many[i]))) return false;
  }
  return true;
}

/** y, dx and dw of one variant. */
async function products(device: Device, variant: LinearVariant): Promise<Float32Array> {
  const { rows, inputs, outputs } = SHAPE;
  return onDevice(device, allBy(variant), SHAPE, [rows * outputs, rows * inputs, outputs * inputs]);
}

/** The first results of forward, backwardX and backwardW, as many as there are sizes. */
async function onDevice(
  device: Device,
  kernels: LinearKernels,
  shape: LinearShape,
  sizes: readonly number[],
  { unit, precision }: Weighing = USUAL,
): Promise<Float32Array> {
  const { rows, inputs, outputs } = shape;
  const linear = linearOps(device, kernels, [precision]);
  await device.ready();
  const plan = (name: string, data: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>): View => {
    const buffer = device.storage(`gate.${name}`, data.byteLength / 4);
    device.write(buffer, data);
    return view(buffer);
  };
  const other = 2 ** -6 / unit / 61; // no power of two, so that every product is rounded
  const x = plan("x", pattern(rows * inputs, 7, other));
  const weights = pattern(outputs * inputs, 11, unit);
  const isHalf = precision === "float16";
  const w = { ...plan("w", isHalf ? toHalves(weights, "gate.w") : weights), halves: isHalf };
  const dy = plan("dy", pattern(rows * outputs, 13, other));
  const results = sizes.map((size, i) => plan(`result.${i}`, new Float32Array(size)));
  const [y, dx, dw] = results;
  if (y) linear.forward(shape, x, w, y);
  if (dx) linear.backwardX(shape, dy, w, dx);
  if (dw) linear.backwardW(shape, dy, x, dw);
  const parts: Float32Array[] = [];
  for (const result of results) parts.push(await device.readFloats(result));
  for (const { buffer } of [x, w, dy, ...results]) device.destroyBuffer(buffer);
  return Float32Array.from(parts.flatMap((part) => [...part]));
}
