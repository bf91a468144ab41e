import {
  blockUntilReady,
  defaultDevice,
  getWebGPUDevice,
  init,
  type JsTree,
  jit,
  nn,
  numpy as np,
  tree,
  valueAndGrad,
} from "@jax-js/jax";
import type { Contender } from "../contender";
import { type Architecture, BATCH, inputsOf, LENGTH, numbers, promptsOf } from "../workload";
import { Decoder } from "./jax-decoder";
import { rmsNorm, rotate } from "./jax-layers";

/** jax-js 0.1: `jit` around `valueAndGrad`, its own attention, arrays passed on or kept with `.ref` as its README asks. */
export const jaxJs: Contender = {
  name: "jax-js",

  async open() {
    const devices = await init("webgpu");
    if (!devices.includes("webgpu")) throw new Error("jax-js finds no WebGPU device here");
    defaultDevice("webgpu");
    return getWebGPUDevice().adapterInfo.description;
  },

  async matmul(size) {
    const square = (seed: number): np.Array => np.array(numbers(size * size, seed, 1)).reshape([size, size]);
    const [a, b] = [square(1), square(2)];
    await blockUntilReady([a, b]);
    let c: np.Array | null = null;
    return {
      async run(times) {
        for (let i = 0; i < times; i++) {
          c?.dispose();
          c = np.matmul(a.ref, b.ref);
          await blockUntilReady(c);
        }
      },
      result: async () => ((await c?.ref.data()) ?? new Float32Array(0)).subarray(0, size) as Float32Array,
    };
  },

  async generation(architecture, sequences) {
    const decoder = new Decoder(architecture, sequences);
    const prompts = promptsOf(architecture, sequences);
    // It traces and compiles a prompt and a token, which is no part of its speed.
    let first: ArrayLike<number> = await decoder.write(prompts);
    return {
      async run(times) {
        for (let i = 0; i < times; i++) first = await decoder.write(prompts);
      },
      result: async () => first,
    };
  },

  async training(architecture) {
    const { weights, tokens, targets, cosines, sines } = inputsOf(architecture);
    const width = architecture.hidden / architecture.heads;
    const params = weights.map(({ shape, values }) => np.array(values).reshape([...shape]));
    const inputs = np.array(tokens, { dtype: np.int32 }).reshape([BATCH, LENGTH]);
    const labels = np.array(targets, { dtype: np.int32 }).reshape([BATCH, LENGTH]);
    const rotation = [np.array(cosines), np.array(sines)].map((x) => x.reshape([LENGTH, 1, width]));
    const step = jit(
      valueAndGrad((p: np.Array[], x: np.Array, y: np.Array, cos: np.Array, sin: np.Array) =>
        loss(architecture, p, x, y, cos, sin),
      ),
    );
    let last = Number.NaN;
    return {
      async run(times) {
        for (let i = 0; i < times; i++) {
          const [cos, sin] = tree.ref(rotation) as [np.Array, np.Array];
          const [value, gradients] = step(tree.ref(params), inputs.ref, labels.ref, cos, sin);
          await blockUntilReady(gradients as JsTree<np.Array>);
          tree.dispose(gradients);
          last = (await value.data())[0] as number;
        }
      },
      result: async () => [last],
    };
  },
};

function loss(
  { heads, layers, vocabulary }: Architecture,
  params: np.Array[],
  tokens: np.Array,
  targets: np.Array,
  cos: np.Array,
  sin: np.Array,
): np.Array {
  const rest = [...params];
  const next = (): np.Array => rest.shift() as np.Array;
  const embedding = next();
  // Indexing the embedding would do as well; its gradient takes thirty times as long.
  let x = np.matmul(nn.oneHot(tokens, vocabulary), embedding.ref);
  for (let layer = 0; layer < layers; layer++) {
    const normed = rmsNorm(x.ref, next());
    const split = (projected: np.Array): np.Array => projected.reshape([BATCH, LENGTH, heads, -1]);
    const q = rotate(split(np.matmul(normed.ref, next())), cos.ref, sin.ref);
    const k = rotate(split(np.matmul(normed.ref, next())), cos.ref, sin.ref);
    const v = split(np.matmul(normed, next()));
    const attended = nn.dotProductAttention(q, k, v, { isCausal: true }).reshape([BATCH, LENGTH, -1]);
    x = x.add(np.matmul(attended, next()));
    const middle = rmsNorm(x.ref, next());
    const gate = nn.silu(np.matmul(middle.ref, next()));
    const up = np.matmul(middle, next());
    x = x.add(np.matmul(gate.mul(up), next()));
  }
  cos.dispose();
  sin.dispose();
  const logits = np.matmul(rmsNorm(x, next()), embedding.transpose());
  const hits = nn.logSoftmax(logits).mul(nn.oneHot(targets, vocabulary));
  return hits.sum().mul(-1 / (BATCH * LENGTH));
}
