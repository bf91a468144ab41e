import code from "../../shaders/adamw.wgsl?raw";
import { type Device, foldedGroupsFor, type View } from "../device/device";

/** Parameters of torch.optim.AdamW; `update` counts from 1. */
export interface AdamWStep {
  readonly learningRate: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  readonly update: number;
}

/** A range of the flat buffers, in vec4. */
export interface Range4 {
  readonly first: number;
  readonly count: number;
}

export interface AdamW {
  update(
    step: AdamWStep,
    range: Range4,
    buffers: { dw: View; norm: View; w: View; firstMoment: View; secondMoment: View },
  ): void;
}

export function adamWOps(device: Device): AdamW {
  const update = device.kernel({
    name: "adamw.update",
    code,
    entry: "update",
    uniforms: {
      first: "u32",
      count: "u32",
      width: "u32",
      learningRate: "f32",
      beta1: "f32",
      beta2: "f32",
      correction1: "f32",
      correction2: "f32",
      eps: "f32",
      weightDecay: "f32",
    },
    bindings: { 1: "read", 2: "read", 3: "write", 4: "write", 5: "write" },
  });
  return {
    update(s, { first, count }, b) {
      const groups = foldedGroupsFor(count);
      const [beta1, beta2] = s.betas;
      const values = {
        first,
        count,
        width: groups[0] * 64,
        learningRate: s.learningRate,
        beta1,
        beta2,
        correction1: 1 - beta1 ** s.update,
        correction2: 1 - beta2 ** s.update,
        eps: s.eps,
        weightDecay: s.weightDecay,
      };
      device.dispatch(update, values, [b.dw, b.norm, b.w, b.firstMoment, b.secondMoment], groups, count * 60);
    },
  };
}
