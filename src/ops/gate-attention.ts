import { type Device, view } from "../device/device";
import { attentionOps } from "./attention";
import {
  type AttentionKernels,
  type AttentionVariant,
  attentionBy,
  attentionVariantsOf,
  usualAttention,
} from "./attention-variants";
import { allAgree, pattern } from "./gate";
import { type HeadShape, headVectors } from "./heads";

/**
 * Head shape of the check before a model is loaded: grouped queries, two vec4 per head so that lanes of wide subgroups share a
 * row; fast to compile.
 */
const SMALL: HeadShape = { queryHeads: 4, keyHeads: 2, headDim: 8 };
/** Lengths of packed sequences; no boundary coincides with a tile's. */
const LENGTHS = [1, 37, 3, 64];

/**
 * Numerics check of attention: compares every wanted kernel with the plain one on this device. Where they differ, the plain one
 * is used. Attention is compiled for each head shape, so a model's own shape is checked once it is known.
 * @returns the kernels that this device may use
 */
export async function gateAttention(
  device: Device,
  wanted: AttentionKernels = usualAttention(device),
  shape: HeadShape = SMALL,
): Promise<AttentionKernels> {
  const others = [...new Set([wanted.forward, wanted.backward])].filter((variant) => variant !== "plain");
  if (others.length === 0) return wanted;
  const plain = await bothWays(device, "plain", shape);
  const right = new Map<AttentionVariant, { forward: boolean; backward: boolean }>();
  for (const variant of others) {
    if (!attentionVariantsOf(device).includes(variant)) continue;
    const own = await bothWays(device, variant, shape);
    right.set(variant, {
      forward: allAgree(own.forward, plain.forward),
      backward: allAgree(own.backward, plain.backward),
    });
  }
  return {
    forward: right.get(wanted.forward)?.forward ? wanted.forward : "plain",
    backward: right.get(wanted.backward)?.backward ? wanted.backward : "plain",
  };
}

/** Results of one variant for the same tensors: out and lse; dqkv. */
async function bothWays(device: Device, variant: AttentionVariant, shape: HeadShape) {
  const { queryHeads, keyHeads } = shape;
  const headWidth = 4 * headVectors(shape);
  const rows = LENGTHS.reduce((a, b) => a + b);
  const bounds = LENGTHS.flatMap((length, i) => {
    const start = LENGTHS.slice(0, i).reduce((a, b) => a + b, 0);
    return new Array<[number, number]>(length).fill([start, start + length]);
  });
  const attention = attentionOps(device, shape, attentionBy(variant));
  await device.ready();
  const plan = (name: string, data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>) => {
    const buffer = device.storage(`gate.${name}`, data.length);
    device.write(buffer, data);
    return view(buffer);
  };
  const width = (queryHeads + 2 * keyHeads) * headWidth;
  const tensors = {
    qkv: plan("qkv", pattern(rows * width, 7)),
    start: plan(
      "start",
      Uint32Array.from(bounds, ([start]) => start),
    ),
    end: plan(
      "end",
      Uint32Array.from(bounds, ([, end]) => end),
    ),
    out: plan("out", new Float32Array(rows * queryHeads * headWidth)),
    lse: plan("lse", new Float32Array(rows * queryHeads)),
    dout: plan("dout", pattern(rows * queryHeads * headWidth, 11)),
    dqkv: plan("dqkv", new Float32Array(rows * width)),
    delta: plan("delta", new Float32Array(rows * queryHeads)),
  };
  attention.forward(rows, tensors.qkv, tensors.start, tensors.out, tensors.lse);
  attention.backward(rows, tensors);
  const forward = [await device.readFloats(tensors.out), await device.readFloats(tensors.lse)];
  const backward = [await device.readFloats(tensors.dqkv)];
  for (const { buffer } of Object.values(tensors)) device.destroyBuffer(buffer);
  return { forward, backward };
}
