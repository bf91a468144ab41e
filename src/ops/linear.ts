import type { Precision } from "../contracts";
import { type Device, foldedGroupsFor, numbersIn, type View } from "../device/device";
import type { Kernel, UniformValues } from "../device/kernel";
import { FEW_ROWS, type LinearKernels, type LinearVariant, linearKernels, VARIANT_CODE } from "./linear-variants";
import { operand } from "./operand";
import { scratch } from "./scratch";

/** Sizes in floats, all multiples of 4. */
export interface LinearShape {
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
  /** Distance between rows of y or dy in floats, if they are part of wider rows; default `outputs`. */
  readonly stride?: number;
}

/** What is added to the sums of a product: nothing, a tensor, or the old result. In the order of lib/linear.wgsl. */
const ADDENDS = ["nothing", "tensor", "result"] as const;
type Added = (typeof ADDENDS)[number];
/** The addends that each entry point supports; each has a kernel of its own. */
const FORWARD_ADDENDS: readonly Added[] = ["nothing", "tensor"];
const BACKWARD_ADDENDS: readonly Added[] = ["nothing", "result"];
const BINDINGS = { 1: "read", 2: "read", 3: "read", 4: "write" } as const;

/** Added to y: one bias for all rows, or a residual with the row distance of y. */
export type Addend = { readonly bias: View } | { readonly residual: View };

/**
 * y = x·wᵀ and its gradients. x [rows, inputs], w [outputs, inputs], y [rows, outputs]. w may be a view of halves if the ops were
 * created for halves; sums are always float32.
 */
export interface Linear {
  forward(shape: LinearShape, x: View, w: View, y: View, addend?: Addend): void;
  /** dx = dy·w, or dx += dy·w if `accumulate` is true. */
  backwardX(shape: LinearShape, dy: View, w: View, dx: View, accumulate?: boolean): void;
  /** dw += dyᵀ·x, or dw = dyᵀ·x if `accumulate` is false. */
  backwardW(shape: LinearShape, dy: View, x: View, dw: View, accumulate?: boolean): void;
}

/** One compiled product: `rows` × `columns` results, sums of length `depth` (in the kernel's own unit). */
interface Product {
  readonly slices: boolean;
  run(size: ProductSize, views: readonly View[], slices?: number): void;
}

interface ProductSize {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** Row distances of the left operand, the addend and the result. */
  readonly strides: readonly [number, number, number];
  readonly added: Added;
  readonly cost: number;
}

/** The products that read weights. */
interface WeightProducts {
  readonly many: Product;
  readonly few: Product;
  readonly backwardX: Product;
}

function weightProducts(device: Device, kernels: LinearKernels, precision: Precision): WeightProducts {
  const many = product(device, kernels.forward, "forward", FORWARD_ADDENDS, precision);
  const few = kernels.few === "few" ? product(device, "few", "forward", FORWARD_ADDENDS, precision) : many;
  return { many, few, backwardX: product(device, kernels.backwardX, "backward_x", BACKWARD_ADDENDS, precision) };
}

/** @param weights precisions that w may have */
export function linearOps(
  device: Device,
  kernels: LinearKernels = linearKernels(device),
  weights: readonly Precision[] = ["float32"],
): Linear {
  const products = new Map(weights.map((precision) => [precision, weightProducts(device, kernels, precision)]));
  const reading = ({ halves }: View): WeightProducts => {
    const found = products.get(halves ? "float16" : "float32");
    if (!found) throw new Error(`linear.w: no kernels for ${halves ? "float16" : "float32"} were asked for`);
    return found;
  };
  const backwardW = weightGradient(device, kernels.backwardW);
  const costOf = ({ rows, inputs, outputs }: LinearShape): number => 2 * rows * inputs * outputs;

  return {
    forward(shape, x, w, y, addend) {
      const { rows, inputs, outputs, stride = outputs } = shape;
      check("x", x, rows * inputs);
      check("w", w, outputs * inputs);
      checkRows("y", y, shape);
      const { tensor, addedStride } = addedTensor(shape, addend);
      const strides = [inputs, addedStride, stride] as const;
      const added = tensor ? "tensor" : "nothing";
      const size = { rows, columns: outputs, depth: inputs / 4, strides, added, cost: costOf(shape) } as const;
      const { few, many } = reading(w);
      (rows <= FEW_ROWS ? few : many).run(size, [x, w, tensor ?? x, y]);
    },
    backwardX(shape, dy, w, dx, accumulate = false) {
      const { rows, inputs, outputs, stride = outputs } = shape;
      checkRows("dy", dy, shape);
      check("w", w, outputs * inputs);
      check("dx", dx, rows * inputs);
      const strides = [stride, 0, inputs] as const;
      const added = accumulate ? "result" : "nothing";
      const size = { rows, columns: inputs, depth: outputs / 4, strides, added, cost: costOf(shape) } as const;
      reading(w).backwardX.run(size, [dy, w, dy, dx]);
    },
    backwardW(shape, dy, x, dw, accumulate = true) {
      const { rows, inputs, outputs, stride = outputs } = shape;
      checkRows("dy", dy, shape);
      check("x", x, rows * inputs);
      check("dw", dw, outputs * inputs);
      const strides = [stride, 0, inputs] as const;
      const added = accumulate ? "result" : "nothing";
      backwardW({ rows: outputs, columns: inputs, depth: rows, strides, added, cost: costOf(shape) }, dy, x, dw);
    },
  };
}

/** The addend of y, and the distance between its rows. */
function addedTensor(shape: LinearShape, addend?: Addend): { tensor: View | null; addedStride: number } {
  if (!addend) return { tensor: null, addedStride: 0 };
  if ("bias" in addend) {
    check("bias", addend.bias, shape.outputs);
    return { tensor: addend.bias, addedStride: 0 };
  }
  checkRows("residual", addend.residual, shape);
  return { tensor: addend.residual, addedStride: shape.stride ?? shape.outputs };
}

function product(
  device: Device,
  variant: LinearVariant | "few",
  entry: string,
  addends: readonly Added[],
  precision: Precision = "float32",
): Product {
  const { rows: tileRows, columns4: tileColumns4, slices } = VARIANT_CODE[variant];
  const kernels = new Map(addends.map((added) => [added, linearKernel(device, variant, entry, added, precision)]));
  return {
    slices,
    run(size, views, count = 1) {
      const { rows, columns, added, cost } = size;
      const groups = [Math.ceil(columns / 4 / tileColumns4), Math.ceil(rows / tileRows) * count] as const;
      device.dispatch(kernels.get(added) as LinearKernel, uniformsOf(size, count), views, groups, cost);
    },
  };
}

const UNIFORMS = {
  rows: "u32",
  columns4: "u32",
  depth: "u32",
  aStride4: "u32",
  addedStride4: "u32",
  yStride4: "u32",
} as const;
/** Those of variants that sum weight gradients in slices. */
const SLICED = { ...UNIFORMS, slices: "u32" } as const;
type LinearKernel = Kernel<typeof UNIFORMS>;

function uniformsOf({ rows, columns, depth, strides }: ProductSize, slices: number): UniformValues<typeof SLICED> {
  const [a, added, y] = strides;
  const [aStride4, addedStride4, yStride4] = [a / 4, added / 4, y / 4];
  return { rows, columns4: columns / 4, depth, aStride4, addedStride4, yStride4, slices };
}

function linearKernel(
  device: Device,
  variant: LinearVariant | "few",
  entry: string,
  added: Added,
  precision: Precision,
): LinearKernel {
  const { enable, code, slices } = VARIANT_CODE[variant];
  const { prelude, spec } = operand(precision);
  return device.kernel({
    name: `linear.${variant}.${entry} of ${precision} adding ${added}`,
    code: `${enable}const ADDEND = ${ADDENDS.indexOf(added)}u;\n${prelude}${code}`,
    entry,
    uniforms: slices ? SLICED : UNIFORMS,
    bindings: entry === "total" ? { 1: "read", 4: "write" } : BINDINGS,
    cpu: { entry: `linear_${entry}`, constants: [ADDENDS.indexOf(added), precision === "float16" ? 1 : 0] },
    ...spec,
  });
}

/** Workgroups that keep a GPU busy. A weight gradient with fewer tiles is summed in slices. */
const ENOUGH_TILES = 256;
/** Shorter slices cost more to add than they gain. */
const SHORTEST_SLICE = 128;
const MOST_SLICES = 16;
/** Most floats of all slices together. */
const MOST_SCRATCH = 2 ** 23;

/** Slices of a weight gradient's sum. Depends on the shape alone, so that equal runs add in the same order. */
export function slicesOf({ rows, columns, depth }: Pick<ProductSize, "rows" | "columns" | "depth">): number {
  const tiles = Math.ceil(rows / 64) * Math.ceil(columns / 64);
  const wanted = Math.min(ENOUGH_TILES / tiles, depth / SHORTEST_SLICE, MOST_SLICES, MOST_SCRATCH / (rows * columns));
  return Math.max(1, Math.floor(wanted));
}

/** Scratch floats for a weight gradient summed in slices. */
export function slicedFloats(size: Pick<ProductSize, "rows" | "columns" | "depth">): number {
  const slices = slicesOf(size);
  return slices > 1 ? slices * size.rows * size.columns : 0;
}

/** Whether a variant sums weight gradients in slices, and so needs scratch. */
export function cutsGradients({ backwardW }: LinearKernels): boolean {
  return VARIANT_CODE[backwardW].slices;
}

/** dw from dy and x; summed in slices if variant and shape allow. */
function weightGradient(device: Device, variant: LinearVariant) {
  const whole = product(device, variant, "backward_w", BACKWARD_ADDENDS);
  const total = (added: Added): LinearKernel => linearKernel(device, variant, "total", added, "float32");
  const totals = whole.slices ? new Map(BACKWARD_ADDENDS.map((added) => [added, total(added)])) : null;
  return (size: ProductSize, dy: View, x: View, dw: View): void => {
    const slices = totals ? slicesOf(size) : 1;
    const total = totals?.get(size.added);
    if (!total || slices === 1) {
      whole.run(size, [dy, x, dy, dw]);
      return;
    }
    const { rows, columns } = size;
    const partial = scratch(device, slices * rows * columns);
    whole.run({ ...size, added: "nothing" }, [dy, x, dy, partial], slices);
    const groups = foldedGroupsFor((rows * columns) / 4);
    device.dispatch(total, uniformsOf(size, slices), [partial, dw], groups, slices * rows * columns);
  };
}

function checkRows(name: string, tensor: View, { rows, outputs, stride = outputs }: LinearShape): void {
  check(name, tensor, (rows - 1) * stride + outputs);
}

function check(name: string, tensor: View, floats: number): void {
  if (floats % 4 !== 0) throw new Error(`linear.${name}: ${floats} floats are not whole vec4`);
  if (numbersIn(tensor) < floats)
    throw new Error(`linear.${name}: expected ${floats} floats, got ${numbersIn(tensor)}`);
}
