import * as tf from "@tensorflow/tfjs-core";
import { EPS } from "../workload";

/** y = x · gain / sqrt(mean x² + eps), over the last axis. */
export function rmsNorm(x: tf.Tensor2D, gain: tf.Tensor): tf.Tensor2D {
  return tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), EPS))), gain);
}

/** Rotary position embedding of [rows, heads, tokens, width]; pairs are element i of one half of a head and i of the other. */
export function rotate(x: tf.Tensor, cos: tf.Tensor, sin: tf.Tensor, width: number): tf.Tensor {
  const [left, right] = tf.split(x, [width / 2, width / 2], 3) as [tf.Tensor, tf.Tensor];
  return tf.add(tf.mul(x, cos), tf.mul(tf.concat([tf.neg(right), left], 3), sin));
}
