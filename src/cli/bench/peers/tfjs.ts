import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import type { Contender } from "../contender";
import { type Architecture, BATCH, inputsOf, LENGTH, numbers, promptsOf } from "../workload";
import { writing } from "./decoding";
import { Decoder } from "./tfjs-decoder";
import { rmsNorm, rotate } from "./tfjs-layers";

/** TensorFlow.js 4.22: `tf.tidy` around `tf.variableGrads`, its functional API throughout. */
export const tfjs = (name: string, backend: "webgpu" | "wasm"): Contender => ({
  name,

  async open() {
    if (backend === "webgpu") await import("@tensorflow/tfjs-backend-webgpu");
    if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js does not start its ${backend} backend here`);
    await tf.ready();
    const { adapterInfo } = tf.backend() as unknown as { adapterInfo?: { description?: string } };
    return backend === "wasm" ? "WebAssembly" : (adapterInfo?.description ?? "");
  },

  async matmul(size) {
    const a = tf.tensor2d(numbers(size * size, 1, 1), [size, size]);
    const b = tf.tensor2d(numbers(size * size, 2, 1), [size, size]);
    let c: tf.Tensor | null = null;
    return {
      async run(times) {
        for (let i = 0; i < times; i++) {
          c?.dispose();
          c = tf.matMul(a, b);
        }
        if (c) await corner(c).data();
      },
      result: async () => ((await c?.data()) ?? new Float32Array(0)).subarray(0, size) as Float32Array,
    };
  },

  async generation(architecture, sequences) {
    const decoder = new Decoder(architecture);
    return writing(decoder, promptsOf(architecture, sequences));
  },

  async training(architecture) {
    const { weights, tokens, targets, cosines, sines } = inputsOf(architecture);
    const width = architecture.hidden / architecture.heads;
    const variables = weights.map(({ name, shape, values }) => tf.variable(tf.tensor(values, [...shape]), true, name));
    const x = tf.tensor1d(tokens, "int32");
    const y = tf.oneHot(tf.tensor1d(targets, "int32"), architecture.vocabulary);
    const cos = tf.tensor(cosines, [1, 1, LENGTH, width]);
    const sin = tf.tensor(sines, [1, 1, LENGTH, width]);
    const future = tf.tidy(() => tf.mul(tf.sub(1, tf.linalg.bandPart(tf.ones([LENGTH, LENGTH]), -1, 0)), -1e9));
    let last = Number.NaN;
    const step = (): { value: tf.Scalar; gradients: tf.Tensor[] } =>
      tf.tidy(() => {
        const { value, grads } = tf.variableGrads(() => loss(architecture, variables, x, y, { cos, sin, future }));
        return { value, gradients: Object.values(grads) };
      });
    return {
      async run(times) {
        for (let i = 0; i < times; i++) {
          const { value, gradients } = step();
          // The queue is in order: the last gradient is ready after all others.
          await Promise.all(gradients.slice(-1).map((gradient) => corner(gradient).data()));
          last = (await value.data())[0] as number;
          tf.dispose([value, ...gradients]);
        }
      },
      result: async () => [last],
    };
  },
});

/** One number of a tensor, so that waiting does not read all of it. */
function corner(x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.slice(tf.reshape(x, [-1]), 0, 1));
}

interface Constants {
  readonly cos: tf.Tensor;
  readonly sin: tf.Tensor;
  /** [LENGTH, LENGTH]: 0 for visible tokens, −10⁹ for future ones. */
  readonly future: tf.Tensor;
}

function loss(
  { heads, layers, hidden }: Architecture,
  variables: readonly tf.Variable[],
  tokens: tf.Tensor1D,
  targets: tf.Tensor,
  { cos, sin, future }: Constants,
): tf.Scalar {
  const rest: tf.Tensor[] = [...variables];
  const next = (): tf.Tensor2D => rest.shift() as tf.Tensor2D;
  const embedding = next();
  const width = hidden / heads;
  // The backend on WebAssembly has no gradient of a lookup; as a product it has.
  const hot = () => tf.cast(tf.oneHot(tokens, embedding.shape[0]), "float32") as tf.Tensor2D;
  let x = (tf.getBackend() === "wasm" ? tf.matMul(hot(), embedding) : tf.gather(embedding, tokens)) as tf.Tensor2D;
  for (let layer = 0; layer < layers; layer++) {
    const normed = rmsNorm(x, next());
    const split = (projected: tf.Tensor): tf.Tensor =>
      tf.transpose(tf.reshape(projected, [BATCH, LENGTH, heads, width]), [0, 2, 1, 3]);
    const q = rotate(split(tf.matMul(normed, next())), cos, sin, width);
    const k = rotate(split(tf.matMul(normed, next())), cos, sin, width);
    const v = split(tf.matMul(normed, next()));
    const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(width)), future);
    const attended = tf.transpose(tf.matMul(tf.softmax(scores), v), [0, 2, 1, 3]);
    x = tf.add(x, tf.matMul(tf.reshape(attended, [BATCH * LENGTH, hidden]), next()));
    const middle = rmsNorm(x, next());
    const gate = tf.matMul(middle, next());
    const activated = tf.mul(tf.mul(gate, tf.sigmoid(gate)), tf.matMul(middle, next()));
    x = tf.add(x, tf.matMul(activated as tf.Tensor2D, next()));
  }
  const logits = tf.matMul(rmsNorm(x, next()), embedding, false, true);
  return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), targets), -1)));
}
