import * as tf from "@tensorflow/tfjs-core";
import { type Architecture, inputsOf, LENGTH } from "../workload";
import { rmsNorm, rotate } from "./tfjs-layers";

/** Keys and values of one layer, [rows, heads, positions, width]. */
type Cache = { readonly keys: tf.Tensor; readonly values: tf.Tensor };
type Made = { readonly next: tf.Tensor; readonly caches: Cache[] };

/** Greedy decoding of a batch; keys and values grow by concatenation, and tokens are read back only at the end. */
export class Decoder {
  private readonly weights: readonly tf.Tensor[];
  private readonly cosines: tf.Tensor;
  private readonly sines: tf.Tensor;
  private readonly width: number;

  constructor(private readonly architecture: Architecture) {
    const { weights, cosines, sines } = inputsOf(architecture);
    this.width = architecture.hidden / architecture.heads;
    this.weights = weights.map(({ shape, values }) => tf.tensor(values, [...shape]));
    this.cosines = tf.tensor(cosines, [1, 1, LENGTH, this.width]);
    this.sines = tf.tensor(sines, [1, 1, LENGTH, this.width]);
  }

  /** Continues prompts of equal length. @returns the tokens after the first prompt */
  async write(prompts: readonly Int32Array[], count: number): Promise<ArrayLike<number>> {
    const length = prompts[0]?.length ?? 0;
    let caches: Cache[] = [];
    let inputs: tf.Tensor = tf.tensor1d(Int32Array.from(prompts.flatMap((prompt) => [...prompt])), "int32");
    const written: tf.Tensor[] = [];
    for (let step = 0; step < count; step++) {
      const from = step === 0 ? 0 : length + step - 1;
      const size = step === 0 ? length : 1;
      const before = [inputs, ...caches.flatMap(({ keys, values }) => [keys, values])];
      const made = tf.tidy(() => this.step(inputs, prompts.length, size, from, caches));
      // Frees the prompts and old caches; the generated tokens are read at the end.
      tf.dispose(step === 0 ? before : before.slice(1));
      ({ caches } = made);
      inputs = made.next;
      written.push(inputs);
    }
    const tokens = await tf.stack(written).data();
    tf.dispose([...written, ...caches.flatMap(({ keys, values }) => [keys, values])]);
    return tokens.filter((_, i) => i % prompts.length === 0);
  }

  private step(inputs: tf.Tensor, rows: number, size: number, from: number, caches: readonly Cache[]): Made {
    const { heads, hidden, layers } = this.architecture;
    const rest = [...this.weights];
    const next = (): tf.Tensor2D => rest.shift() as tf.Tensor2D;
    const [cos, sin] = [this.cosines, this.sines].map((all) =>
      tf.slice(all, [0, 0, from, 0], [1, 1, size, this.width]),
    ) as [tf.Tensor, tf.Tensor];
    const split = (x: tf.Tensor): tf.Tensor =>
      tf.transpose(tf.reshape(x, [rows, size, heads, this.width]), [0, 2, 1, 3]);
    const future = tf.mul(tf.sub(1, tf.linalg.bandPart(tf.ones([size, size]), -1, 0)), -1e9);
    const grown: Cache[] = [];
    const embedding = next();
    let x = tf.gather(embedding, inputs) as tf.Tensor2D;
    for (let layer = 0; layer < layers; layer++) {
      const normed = rmsNorm(x, next());
      const q = rotate(split(tf.matMul(normed, next())), cos, sin, this.width);
      const k = rotate(split(tf.matMul(normed, next())), cos, sin, this.width);
      const v = split(tf.matMul(normed, next()));
      const past = caches[layer];
      const keys = past ? tf.concat([past.keys, k], 2) : k;
      const values = past ? tf.concat([past.values, v], 2) : v;
      grown.push({ keys, values });
      const scores = tf.mul(tf.matMul(q, keys, false, true), 1 / Math.sqrt(this.width));
      const seen = size > 1 ? tf.add(scores, future) : scores;
      const attended = tf.transpose(tf.matMul(tf.softmax(seen), values), [0, 2, 1, 3]);
      x = tf.add(x, tf.matMul(tf.reshape(attended, [rows * size, hidden]), next()));
      const middle = rmsNorm(x, next());
      const gate = tf.matMul(middle, next());
      const activated = tf.mul(tf.mul(gate, tf.sigmoid(gate)), tf.matMul(middle, next()));
      x = tf.add(x, tf.matMul(activated as tf.Tensor2D, next()));
    }
    const last = tf.reshape(tf.slice(tf.reshape(x, [rows, size, hidden]), [0, size - 1, 0], [rows, 1, hidden]), [
      rows,
      hidden,
    ]);
    const logits = tf.matMul(rmsNorm(last as tf.Tensor2D, next()), embedding, false, true);
    return { next: tf.argMax(logits, -1), caches: grown };
  }
}
