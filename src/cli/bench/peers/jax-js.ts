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
import { writing } from "./decoding";
import { Decoder } from "./jax-decoder";
import { transformer } from "./jax-layers";

/** jax-js 0.1: `jit` around `valueAndGrad`, its own attention, references counted with `.ref` as its README asks. */
export const jaxJs = (name: string, device: "webgpu" | "wasm"): Contender => ({
  name,

  async open() {
    const devices = await init(device);
    if (!devices.includes(device)) throw new Error(`jax-js finds no ${device} device here`);
    defaultDevice(device);
    return device === "webgpu" ? getWebGPUDevice().adapterInfo.description : "WebAssembly";
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
    return writing(new Decoder(architecture, sequences), promptsOf(architecture, sequences));
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
});

function loss(
  architecture: Architecture,
  params: np.Array[],
  tokens: np.Array,
  targets: np.Array,
  cos: np.Array,
  sin: np.Array,
): np.Array {
  const { hidden, logits } = transformer(architecture, params, tokens, { cos, sin }, (q, k, v) =>
    nn.dotProductAttention(q, k, v, { isCausal: true }),
  );
  const hits = nn.logSoftmax(logits(hidden)).mul(nn.oneHot(targets, architecture.vocabulary));
  return hits.sum().mul(-1 / (BATCH * LENGTH));
}
