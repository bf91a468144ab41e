import { type Gpu, type View, view } from "../gpu/gpu";
import type { FlatLayout } from "../model/parameters";
import { adamWOps } from "../ops/adamw";
import { linearOps } from "../ops/linear";
import { muonOps } from "../ops/muon";
import { NORM_SLICES, reduceOps } from "../ops/reduce";
import { type MuonSpace, orthogonalize, planMuonSpace } from "./newton-schulz";

export interface AdamWOptions {
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  readonly maxGradNorm: number;
}

/** torch's defaults but for the betas: those of the reinforcement-learning recipe. */
export const DEFAULT_ADAMW: AdamWOptions = { betas: [0.9, 0.99], eps: 1e-8, weightDecay: 0, maxGradNorm: 1 };

/** Nesterov momentum of Muon. */
const MOMENTUM = 0.95;

/** Gradients, moments and the update of one flat buffer of parameters: a whole model's, or its adapters'. */
export class Optimizer {
  readonly grads: GPUBuffer;
  private readonly firstMoment: GPUBuffer;
  private readonly secondMoment: GPUBuffer;
  private readonly norm: View;
  private readonly normPartial: View;
  private readonly reduce;
  private readonly adamW;
  private readonly muon;
  private readonly linear;
  private muonSpace: MuonSpace | null = null;
  private options = DEFAULT_ADAMW;
  /** Updates applied since the last reset. */
  updates = 0;

  constructor(
    private readonly gpu: Gpu,
    private readonly layout: FlatLayout,
  ) {
    this.grads = gpu.storage("gradients", layout.floats);
    this.firstMoment = gpu.storage("first moment", layout.floats);
    this.secondMoment = gpu.storage("second moment", layout.floats);
    this.norm = view(gpu.storage("norm", 4));
    this.normPartial = view(gpu.storage("norm partial", NORM_SLICES));
    this.reduce = reduceOps(gpu);
    this.adamW = adamWOps(gpu);
    this.muon = muonOps(gpu);
    this.linear = linearOps(gpu);
  }

  get buffers(): readonly GPUBuffer[] {
    const muon = this.muonSpace
      ? Object.values(this.muonSpace as unknown as Record<string, View>).map((v) => v.buffer)
      : [];
    return [this.grads, this.firstMoment, this.secondMoment, this.norm.buffer, this.normPartial.buffer, ...muon];
  }

  /** Forget moments and the update count. */
  reset(options: AdamWOptions): void {
    this.options = options;
    this.updates = 0;
    this.gpu.clear(view(this.firstMoment));
    this.gpu.clear(view(this.secondMoment));
  }

  clearGradients(): void {
    this.gpu.clear(view(this.grads));
  }

  private clip(): void {
    this.reduce.norm(this.layout.floats / 4, this.options.maxGradNorm, view(this.grads), this.normPartial, this.norm);
  }

  private adamWStep(weights: GPUBuffer, learningRate: number, range: { first: number; count: number }): void {
    const { betas, eps, weightDecay } = this.options;
    this.adamW.update({ learningRate, betas, eps, weightDecay, update: this.updates }, range, {
      dw: view(this.grads),
      norm: this.norm,
      w: view(weights),
      firstMoment: view(this.firstMoment),
      secondMoment: view(this.secondMoment),
    });
  }

  /** Clip by the global norm, one AdamW step on everything. */
  adamWUpdate(weights: GPUBuffer, learningRate: number): void {
    this.updates++;
    this.clip();
    this.adamWStep(weights, learningRate, { first: 0, count: this.layout.floats / 4 });
  }

  /** Clip, Muon on every matrix, AdamW on embeddings, gains and biases. */
  muonUpdate(weights: GPUBuffer, muonLearningRate: number, adamLearningRate: number): void {
    this.updates++;
    this.muonSpace ??= planMuonSpace(this.gpu, this.layout.matrices);
    const space = this.muonSpace;
    this.clip();
    this.adamWStep(weights, adamLearningRate, this.layout.vectors);
    for (const { rows, columns, range, aspect } of this.layout.matrices) {
      this.muon.momentum(range, MOMENTUM, view(this.grads), this.norm, view(this.firstMoment), space.update);
      const update = orthogonalize(this.linear, this.muon, space, rows, columns);
      // Jordan et al.: a factor sqrt(max(1, rows/columns)) keeps the update's size alike for every shape.
      this.muon.apply(range, muonLearningRate * Math.sqrt(Math.max(1, aspect)), update, view(weights));
    }
  }

  /** Global gradient norm before clipping, of the last update. */
  async readNorm(): Promise<number> {
    return (await this.gpu.readFloats({ ...this.norm, size: 16 }))[0] as number;
  }

  async readMoments(): Promise<{ first: Float32Array; second: Float32Array }> {
    return {
      first: await this.gpu.readFloats(view(this.firstMoment)),
      second: await this.gpu.readFloats(view(this.secondMoment)),
    };
  }

  writeMoments(first: Float32Array<ArrayBuffer>, second: Float32Array<ArrayBuffer>, updates: number): void {
    this.gpu.write(this.firstMoment, first);
    this.gpu.write(this.secondMoment, second);
    this.updates = updates;
  }
}
