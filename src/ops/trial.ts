import type { Stopwatch } from "../gpu/stopwatch";

const REPEATS = 3;
/** A variant this much slower at once needs no second look. */
const HOPELESS = 2;

/** Another variant than the usual one must be clearly better: timings are noisy, and a choice should come out twice. */
export const CLEARLY = 0.93;

/** The shortest of a few times of what `run` dispatches; the first only, where that is far above `limit`. */
export async function shortest(watch: Stopwatch, limit: number, run: () => void): Promise<number> {
  let time = Number.POSITIVE_INFINITY;
  for (let i = 0; i <= REPEATS; i++) {
    const next = await watch.milliseconds(run);
    if (i > 0) time = Math.min(time, next); // the first run may still compile
    if (next > limit * HOPELESS && i > 0) break;
  }
  return time;
}
