import type { Rng } from "../contracts";

/** Normal random numbers (Box and Muller). */
export function normals(count: number, deviation: number, rng: Rng): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count);
  for (let at = 0; at < count; at += 2) {
    // 1 − u is never 0.
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - rng.next()));
    const angle = 2 * Math.PI * rng.next();
    values[at] = radius * Math.cos(angle);
    if (at + 1 < count) values[at + 1] = radius * Math.sin(angle);
  }
  return values;
}
