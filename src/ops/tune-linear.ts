import { type Device, type View, view } from "../device/device";
import type { Stopwatch } from "../device/stopwatch";
import { gateLinear } from "./gate-linear";
import { type LinearShape, linearOps } from "./linear";
import {
  allBy,
  type LinearKernels,
  type LinearVariant,
  parseLinearKernels,
  sameLinearKernels,
  usualLinearKernels,
  variantsOf,
} from "./linear-variants";
import { fastest, shortest } from "./trial";
import { keptOrTuned, type TuningStore, tuningKey, worthMeasuring } from "./tuning";

/** No measurement starts after this time. Tuning must stay unnoticeable. */
const BUDGET_MS = 1200;

/** Operations of one timed product: a few milliseconds on either kind of adapter. */
const SOFTWARE_OPERATIONS = 5e7;
const HARDWARE_OPERATIONS = 2e9;
/** Repetitions for one row: a single product is shorter than a tick of the device's clock. */
const FEW_TIMES = 32;
const MOST_WIDTH = 2048;
const MOST_ROWS = 2048;

const PRODUCTS = ["forward", "backwardX", "backwardW"] as const;
type Product = (typeof PRODUCTS)[number];

/**
 * The fastest kernels for products of a model's width, measured on this device after the numerics check. Takes well under two
 * seconds; a product not measured in time keeps its default.
 * @param width floats of the inputs and outputs of the model's largest layer
 */
export async function tuneLinear(
  device: Device,
  width: Pick<LinearShape, "inputs" | "outputs">,
): Promise<LinearKernels> {
  const deadline = performance.now() + BUDGET_MS;
  const shape = sampleShape(device, width);
  const bench = new Bench(device, shape);
  try {
    const best = await fastest<Product, LinearVariant>({
      ways: PRODUCTS,
      usual: usualLinearKernels(device).forward,
      candidates: worthMeasuring(device, variantsOf(device)),
      deadline,
      gate: (variant) => gateLinear(device, allBy(variant)),
      time: (variant, product, limit) => bench.best(allBy(variant), product, limit),
    });
    return { ...best, few: await bench.few({ ...best, few: "forward" }, deadline) };
  } finally {
    bench.destroy();
  }
}

/** As many rows as the time allows, and a layer no wider than needed to measure its speed. */
function sampleShape(device: Device, width: Pick<LinearShape, "inputs" | "outputs">): LinearShape {
  const inputs = Math.min(MOST_WIDTH, width.inputs);
  const outputs = Math.min(MOST_WIDTH, width.outputs);
  const operations = device.traits.software ? SOFTWARE_OPERATIONS : HARDWARE_OPERATIONS;
  const rows = Math.floor(operations / (2 * inputs * outputs) / 64) * 64;
  return { rows: Math.min(MOST_ROWS, Math.max(64, rows)), inputs, outputs };
}

/** Tensors of one layer, for timing products. */
class Bench {
  private readonly watch: Stopwatch;
  private readonly x: View;
  private readonly w: View;
  private readonly dy: View;
  private readonly dw: View;

  constructor(
    private readonly device: Device,
    private readonly shape: LinearShape,
  ) {
    const { rows, inputs, outputs } = shape;
    this.watch = device.stopwatch();
    this.x = view(device.storage("tuning x", rows * inputs));
    this.w = view(device.storage("tuning w", outputs * inputs));
    this.dy = view(device.storage("tuning dy", rows * outputs));
    this.dw = view(device.storage("tuning dw", outputs * inputs));
  }

  /** Shortest of several timings; one timing if it is far above `limit`. */
  async best(kernels: LinearKernels, product: Product, limit: number): Promise<number> {
    const { shape, x, w, dy, dw } = this;
    const linear = linearOps(this.device, kernels);
    await this.device.ready();
    return shortest(this.watch, limit, () => {
      if (product === "forward") linear.forward(shape, x, w, dy);
      else if (product === "backwardX") linear.backwardX(shape, dy, w, x);
      else linear.backwardW(shape, dy, x, dw, false);
    });
  }

  /** The kernel for few rows, if it gives the same bits as `forward` and is not slower for one row. */
  async few(best: LinearKernels, deadline: number): Promise<LinearKernels["few"]> {
    const wanted = { ...best, few: "few" as const };
    const { few } = await gateLinear(this.device, wanted);
    if (few !== "few" || performance.now() > deadline) return few;
    const time = (kernels: LinearKernels): Promise<number> => {
      const linear = linearOps(this.device, kernels);
      return shortest(this.watch, Number.POSITIVE_INFINITY, () => {
        for (let i = 0; i < FEW_TIMES; i++) linear.forward({ ...this.shape, rows: 1 }, this.x, this.w, this.dy);
      });
    };
    return (await time(wanted)) <= (await time({ ...best, few: "forward" })) ? "few" : "forward";
  }

  destroy(): void {
    this.watch.destroy();
    for (const { buffer } of [this.x, this.w, this.dy, this.dw]) this.device.destroyBuffer(buffer);
  }
}

/** A stored choice that still passes the check, or a new one, which is then stored. */
export async function tunedLinear(
  device: Device,
  adapter: string,
  width: Pick<LinearShape, "inputs" | "outputs">,
  store: TuningStore,
): Promise<LinearKernels> {
  const key = tuningKey(device, adapter, `${width.inputs} × ${width.outputs}`);
  return keptOrTuned(store, key, {
    parse: parseLinearKernels,
    gate: (kernels) => gateLinear(device, kernels),
    isSame: sameLinearKernels,
    tune: () => tuneLinear(device, width),
  });
}
