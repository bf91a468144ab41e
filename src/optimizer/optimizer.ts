import { type Allocator, type Device, type DeviceBuffer, type View, view } from "../device/device";
import { PagedBuffer, partsByPage, type Segment, type ShardView } from "../device/pages";
import { adamWOps } from "../ops/adamw";
import { linearOps } from "../ops/linear";
import { type MatrixRange4, muonOps } from "../ops/muon";
import { NORM_SLICES, reduceOps } from "../ops/reduce";
import type { MuonMatrix, SteppedLayout } from "./layout";
import { type MuonSpace, orthogonalize, planMuonSpace, scratchShards } from "./newton-schulz";

/** AdamW, named as in its paper (arXiv 1711.05101); `maxGradNorm` is the clip threshold of the global norm. */
export interface AdamWOptions {
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  readonly maxGradNorm: number;
}

/** The reinforcement-learning recipe: no weight decay, gradients clipped to a global norm of 1. */
export const DEFAULT_ADAMW: AdamWOptions = { betas: [0.9, 0.99], eps: 1e-8, weightDecay: 0, maxGradNorm: 1 };

/** Nesterov momentum of Muon. */
const MOMENTUM = 0.95;

/** Buffers of gradients and moments, in the layout of the parameters. */
export interface OptimizerSpace {
  readonly grads: PagedBuffer;
  readonly firstMoment: PagedBuffer;
  readonly secondMoment: PagedBuffer;
  readonly norm: View;
  readonly normPartial: View;
  /** Work space of Muon; null if not planned. */
  readonly muon: MuonSpace | null;
}

/** Plans gradients and both moments, cut into the same pages as the parameters, and Muon's work space if needed. */
export function planOptimizer(
  allocator: Allocator,
  { pages, matrices }: SteppedLayout,
  kind: "adamw" | "muon" = "adamw",
): OptimizerSpace {
  return {
    grads: new PagedBuffer(allocator, "gradients", pages),
    firstMoment: new PagedBuffer(allocator, "first moment", pages),
    secondMoment: new PagedBuffer(allocator, "second moment", pages),
    norm: view(allocator.storage("norm", 4)),
    normPartial: view(allocator.storage("norm partial", pages.length * NORM_SLICES)),
    muon: kind === "muon" ? planMuonSpace(allocator, matrices, pages) : null,
  };
}

/** Gradients, moments and updates of one flat space of parameters: a whole model or its adapters. */
export class Optimizer {
  private readonly space: OptimizerSpace;
  private readonly reduce;
  private readonly adamW;
  private readonly muon;
  private readonly linear;
  private options = DEFAULT_ADAMW;
  /** Updates applied since the last reset. */
  updates = 0;

  constructor(
    private readonly device: Device,
    private readonly layout: SteppedLayout,
    kind: "adamw" | "muon" = "adamw",
  ) {
    this.space = planOptimizer(device, layout, kind);
    this.reduce = reduceOps(device);
    this.adamW = adamWOps(device);
    this.muon = muonOps(device);
    this.linear = linearOps(device);
  }

  get grads(): PagedBuffer {
    return this.space.grads;
  }

  get buffers(): readonly DeviceBuffer[] {
    const { grads, firstMoment, secondMoment, norm, normPartial, muon } = this.space;
    const paged = [grads, firstMoment, secondMoment].flatMap(({ buffers }) => buffers);
    const scratch = [norm, normPartial, ...(muon ? muonViews(muon) : [])];
    return [...paged, ...scratch.map(({ buffer }) => buffer)];
  }

  /** Clears moments and the update count. */
  reset(options: AdamWOptions): void {
    this.options = options;
    this.updates = 0;
    this.space.firstMoment.clear(this.device);
    this.space.secondMoment.clear(this.device);
  }

  private clip(): void {
    const { grads, normPartial, norm } = this.space;
    this.reduce.norm(grads.views, this.options.maxGradNorm, normPartial, norm);
  }

  private adamWStep(weights: PagedBuffer, learningRate: number, segment: Segment): void {
    const { betas, eps, weightDecay } = this.options;
    const step = { learningRate, betas, eps, weightDecay, update: this.updates };
    const { grads, norm, firstMoment, secondMoment } = this.space;
    for (const { page, range } of this.ranges(segment)) {
      const at = (flat: PagedBuffer): View => flat.views[page] as View;
      this.adamW.update(step, range, {
        dw: at(grads),
        norm,
        w: at(weights),
        firstMoment: at(firstMoment),
        secondMoment: at(secondMoment),
      });
    }
  }

  /**
   * The pages that a segment touches: each range in vec4, from the page's start and (`at`) from the segment's start.
   */
  private ranges(segment: Segment): { page: number; range: MatrixRange4 }[] {
    return partsByPage(this.layout.pages, segment).map(({ page, offset, size }) => {
      const { offset: start } = this.layout.pages[page] as Segment;
      return { page, range: { first: (offset - start) / 4, count: size / 4, at: (offset - segment.offset) / 4 } };
    });
  }

  /** Clips by the global norm, then makes one AdamW step on all parameters. */
  adamWUpdate(weights: PagedBuffer, learningRate: number): void {
    this.updates++;
    this.clip();
    this.adamWStep(weights, learningRate, { offset: 0, size: this.layout.floats });
  }

  /**
   * Clips, then updates matrices with Muon and embeddings, gains and biases with AdamW. @throws if Muon was not planned
   */
  muonUpdate(weights: PagedBuffer, muonLearningRate: number, adamLearningRate: number): void {
    const { muon: space } = this.space;
    if (!space) throw new Error("this optimizer was planned without Muon");
    this.updates++;
    this.clip();
    this.adamWStep(weights, adamLearningRate, this.layout.vectors);
    for (const matrix of this.layout.matrices) this.muonStep(weights, muonLearningRate, matrix, space);
  }

  private muonStep(weights: PagedBuffer, learningRate: number, matrix: MuonMatrix, space: MuonSpace): void {
    const { grads, norm, firstMoment } = this.space;
    for (const { page, range, scratch } of this.scratchRanges(matrix, scratchShards(space.update, matrix))) {
      const at = (flat: PagedBuffer): View => flat.views[page] as View;
      this.muon.momentum(range, MOMENTUM, at(grads), norm, at(firstMoment), scratch);
    }
    const update = orthogonalize(this.linear, this.muon, space, matrix);
    // Jordan et al.: the factor sqrt(max(1, rows/columns)) makes the update's size equal for every shape.
    const rate = learningRate * Math.sqrt(Math.max(1, matrix.aspect));
    for (const { page, range, scratch } of this.scratchRanges(matrix, update))
      this.muon.apply(range, rate, scratch, weights.views[page] as View);
  }

  /** A matrix cut into ranges that lie in one page and in one shard of its scratch. */
  private scratchRanges({ offset, columns }: MuonMatrix, shards: readonly ShardView[]) {
    return shards.flatMap(({ first, rows, view: scratch }) => {
      const shard = { offset: offset + first * columns, size: rows * columns };
      return this.ranges(shard).map((part) => ({ ...part, scratch }));
    });
  }

  /** Global gradient norm of the last update, before clipping. */
  async readNorm(): Promise<number> {
    return (await this.device.readFloats({ ...this.space.norm, size: 16 }))[0] as number;
  }

  async readMoments(): Promise<{ first: Float32Array<ArrayBuffer>; second: Float32Array<ArrayBuffer> }> {
    const { firstMoment, secondMoment } = this.space;
    return { first: await firstMoment.read(this.device), second: await secondMoment.read(this.device) };
  }

  writeMoments(first: Float32Array<ArrayBuffer>, second: Float32Array<ArrayBuffer>, updates: number): void {
    this.space.firstMoment.write(this.device, first);
    this.space.secondMoment.write(this.device, second);
    this.updates = updates;
  }
}

function muonViews(space: MuonSpace): View[] {
  return [...space.update, ...space.next, space.gram, space.gramSquared, space.polynomial, space.partial];
}
