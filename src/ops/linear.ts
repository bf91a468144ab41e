import type { Precision } from "../contracts";
import { foldedGroupsFor, type Gpu, numbersIn, type View } from "../gpu/gpu";
import type { Kernel } from "../gpu/kernel";
import { FEW_ROWS, type LinearKernels, type LinearVariant, linearKernels, VARIANT_CODE } from "./linear-variants";
import { operand } from "./operand";
import { scratch } from "./scratch";

/** Numbers of floats; all multiples of 4. */
export interface LinearShape {
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
  /** From one row of y or dy to the next, where they are columns of wider rows; else `outputs`. */
  readonly stride?: number;
}

const HAS_BIAS = 1;
const HAS_RESIDUAL = 2;
const ACCUMULATE = 4;
const BINDINGS = { 1: "read", 2: "read", 3: "read", 4: "read", 5: "write" } as const;

/**
 * y = x·wᵀ with its gradients. x [rows, inputs], w [outputs, inputs], y [rows, outputs]. w may be a view of halves, where the
 * ops were made for them; sums are float32 all the same.
 */
export interface Linear {
  forward(shape: LinearShape, x: View, w: View, y: View, extra?: { bias?: View; residual?: View }): void;
  /** dx = dy·w, or dx += dy·w where `accumulate` is true. */
  backwardX(shape: LinearShape, dy: View, w: View, dx: View, accumulate?: boolean): void;
  /** dw += dyᵀ·x, or overwritten where `accumulate` is false. */
  backwardW(shape: LinearShape, dy: View, x: View, dw: View, accumulate?: boolean): void;
}

/** One compiled product: `rows` × `columns` numbers, sums of `depth` (in the kernel's own unit). */
interface Product {
  readonly slices: boolean;
  run(size: ProductSize, views: readonly View[], slices?: number): void;
}

interface ProductSize {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** From one row of the left operand to the next, and of the result. */
  readonly strides: readonly [number, number];
  readonly flags: number;
  readonly cost: number;
}

/** The products that read weights. */
interface WeightProducts {
  readonly many: Product;
  readonly few: Product;
  readonly backwardX: Product;
}

function weightProducts(gpu: Gpu, kernels: LinearKernels, precision: Precision): WeightProducts {
  const many = product(gpu, kernels.forward, "forward", precision);
  const few = kernels.few === "few" ? product(gpu, "few", "forward", precision) : many;
  return { many, few, backwardX: product(gpu, kernels.backwardX, "backward_x", precision) };
}

/** @param weights in which precisions w may come */
export function linearOps(
  gpu: Gpu,
  kernels: LinearKernels = linearKernels(gpu),
  weights: readonly Precision[] = ["float32"],
): Linear {
  const products = new Map(weights.map((precision) => [precision, weightProducts(gpu, kernels, precision)]));
  const reading = ({ halves }: View): WeightProducts => {
    const found = products.get(halves ? "float16" : "float32");
    if (!found) throw new Error(`linear.w: no kernels for ${halves ? "float16" : "float32"} were asked for`);
    return found;
  };
  const backwardW = weightGradient(gpu, kernels.backwardW);
  const costOf = ({ rows, inputs, outputs }: LinearShape): number => 2 * rows * inputs * outputs;

  return {
    forward(shape, x, w, y, { bias, residual } = {}) {
      const { rows, inputs, outputs, stride = outputs } = shape;
      check("x", x, rows * inputs);
      check("w", w, outputs * inputs);
      checkRows("y", y, shape);
      if (residual) checkRows("residual", residual, shape);
      const flags = (bias ? HAS_BIAS : 0) + (residual ? HAS_RESIDUAL : 0);
      const strides = [inputs, stride] as const;
      const size = { rows, columns: outputs, depth: inputs / 4, strides, flags, cost: costOf(shape) };
      const { few, many } = reading(w);
      (rows <= FEW_ROWS ? few : many).run(size, [x, w, bias ?? x, residual ?? x, y]);
    },
    backwardX(shape, dy, w, dx, accumulate = false) {
      const { rows, inputs, outputs, stride = outputs } = shape;
      checkRows("dy", dy, shape);
      check("w", w, outputs * inputs);
      check("dx", dx, rows * inputs);
      const flags = accumulate ? ACCUMULATE : 0;
      const strides = [stride, inputs] as const;
      const size = { rows, columns: inputs, depth: outputs / 4, strides, flags, cost: costOf(shape) };
      reading(w).backwardX.run(size, [dy, w, dy, dy, dx]);
    },
    backwardW(shape, dy, x, dw, accumulate = true) {
      const { rows, inputs, outputs, stride = outputs } = shape;
      checkRows("dy", dy, shape);
      check("x", x, rows * inputs);
      check("dw", dw, outputs * inputs);
      const flags = accumulate ? ACCUMULATE : 0;
      const strides = [stride, inputs] as const;
      backwardW({ rows: outputs, columns: inputs, depth: rows, strides, flags, cost: costOf(shape) }, dy, x, dw);
    },
  };
}

function product(gpu: Gpu, variant: LinearVariant | "few", entry: string, precision: Precision = "float32"): Product {
  const { rows: tileRows, columns4: tileColumns4, slices } = VARIANT_CODE[variant];
  const kernel = linearKernel(gpu, variant, entry, precision);
  return {
    slices,
    run({ rows, columns, depth, strides, flags, cost }, views, count = 1) {
      const groups = [Math.ceil(columns / 4 / tileColumns4), Math.ceil(rows / tileRows) * count] as const;
      const params = [rows, columns / 4, depth, flags, ...strides.map((floats) => floats / 4)];
      gpu.dispatch(kernel, slices ? [...params, count] : params, views, groups, cost);
    },
  };
}

function linearKernel(gpu: Gpu, variant: LinearVariant | "few", entry: string, precision: Precision): Kernel {
  const { enable, code, slices } = VARIANT_CODE[variant];
  const { prelude, spec } = operand(precision);
  return gpu.kernel({
    name: `linear.${variant}.${entry} of ${precision}`,
    code: enable + prelude + code,
    entry,
    params: slices ? "uuuuuuu" : "uuuuuu",
    bindings: entry === "total" ? { 1: "read", 5: "write" } : BINDINGS,
    ...spec,
  });
}

/** Workgroups that keep a GPU busy: where a weight gradient has fewer tiles, its sum is cut. */
const ENOUGH_TILES = 256;
/** Slices shorter than this cost more to add up than they gain. */
const SHORTEST_SLICE = 128;
const MOST_SLICES = 16;
/** Floats of all slices together. */
const MOST_SCRATCH = 2 ** 23;

/** Slices of a weight gradient's sum; depends on the shape alone, so that equal runs add in the same order. */
export function slicesOf({ rows, columns, depth }: Pick<ProductSize, "rows" | "columns" | "depth">): number {
  const tiles = Math.ceil(rows / 64) * Math.ceil(columns / 64);
  const wanted = Math.min(ENOUGH_TILES / tiles, depth / SHORTEST_SLICE, MOST_SLICES, MOST_SCRATCH / (rows * columns));
  return Math.max(1, Math.floor(wanted));
}

/** dw from dy and x, its sum in slices where the variant knows them and the shape is worth it. */
function weightGradient(gpu: Gpu, variant: LinearVariant) {
  const whole = product(gpu, variant, "backward_w");
  const total = whole.slices ? linearKernel(gpu, variant, "total", "float32") : null;
  return (size: ProductSize, dy: View, x: View, dw: View): void => {
    const slices = total ? slicesOf(size) : 1;
    if (!total || slices === 1) {
      whole.run(size, [dy, x, x, x, dw]);
      return;
    }
    const { rows, columns, depth, strides, flags } = size;
    const partial = scratch(gpu, slices * rows * columns);
    whole.run({ ...size, flags: 0 }, [dy, x, x, x, partial], slices);
    const groups = foldedGroupsFor((rows * columns) / 4);
    const params = [rows, columns / 4, depth, flags, ...strides.map((floats) => floats / 4), slices];
    gpu.dispatch(total, params, [partial, dw], groups, slices * rows * columns);
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
