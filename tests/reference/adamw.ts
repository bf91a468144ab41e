/** torch.optim.AdamW's numbers; `update` counts from 1. */
export interface AdamWStep {
  readonly learningRate: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  readonly update: number;
}

export interface AdamWState {
  readonly w: Float64Array;
  readonly firstMoment: Float64Array;
  readonly secondMoment: Float64Array;
}

/** The state after one update by gradient g. */
export function update(step: AdamWStep, state: AdamWState, g: Float64Array): AdamWState {
  const { learningRate, eps, weightDecay } = step;
  const [beta1, beta2] = step.betas;
  const firstMoment = state.firstMoment.map((m, i) => beta1 * m + (1 - beta1) * g[i]!);
  const secondMoment = state.secondMoment.map((v, i) => beta2 * v + (1 - beta2) * g[i]! ** 2);
  const w = state.w.map((value, i) => {
    const m = firstMoment[i]! / (1 - beta1 ** step.update);
    const v = secondMoment[i]! / (1 - beta2 ** step.update);
    return value - learningRate * weightDecay * value - (learningRate * m) / (Math.sqrt(v) + eps);
  });
  return { w, firstMoment, secondMoment };
}
