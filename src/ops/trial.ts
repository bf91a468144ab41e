import type { Stopwatch } from "../device/stopwatch";

const REPEATS = 3;
/** A variant this much slower in its first run is not measured again. */
const HOPELESS = 2;

/** Another variant must be this much faster than the default: timings are noisy, and repeated tuning should agree. */
const CLEARLY = 0.93;

/** The variants of an op on one device, for each direction (forward, backward), and how to time them. */
export interface Trial<Way extends string, Variant extends string> {
  readonly ways: readonly Way[];
  readonly usual: Variant;
  /** Variants to measure; may include the default. */
  readonly candidates: readonly Variant[];
  /** No measurement starts after this time of `performance.now`. */
  readonly deadline: number;
  /** The numerics check: returns the variant, or a replacement for each direction that fails. */
  readonly gate: (variant: Variant) => Promise<Readonly<Record<Way, Variant>>>;
  /** Milliseconds of a variant in one direction; may be imprecise if far above `limit`. */
  readonly time: (variant: Variant, way: Way, limit: number) => Promise<number>;
}

/**
 * The fastest variant of each direction that passes the check. If no other is clearly faster, or the deadline comes first, it is
 * the default, or the check's replacement for it.
 */
export async function fastest<Way extends string, Variant extends string>(
  trial: Trial<Way, Variant>,
): Promise<Record<Way, Variant>> {
  const { ways, usual, candidates, deadline, gate, time } = trial;
  const best: Record<Way, Variant> = { ...(await gate(usual)) };
  const times = new Map<Way, number>();
  const measure = async (variant: Variant, allowed: Readonly<Record<Way, Variant>>): Promise<void> => {
    for (const way of ways) {
      if (allowed[way] !== variant) continue;
      const limit = times.get(way) ?? Number.POSITIVE_INFINITY;
      const milliseconds = await time(variant, way, limit);
      if (milliseconds >= limit * CLEARLY) continue;
      times.set(way, milliseconds);
      best[way] = variant;
    }
  };
  await measure(usual, { ...best });
  for (const variant of candidates) {
    if (performance.now() > deadline) break;
    if (variant !== usual) await measure(variant, await gate(variant));
  }
  return best;
}

/** Shortest of several timings of `run`; one timing if it is far above `limit`. */
export async function shortest(watch: Stopwatch, limit: number, run: () => void): Promise<number> {
  let time = Number.POSITIVE_INFINITY;
  for (let i = 0; i <= REPEATS; i++) {
    const next = await watch.milliseconds(run);
    if (i > 0) time = Math.min(time, next); // the first run may still compile
    if (next > limit * HOPELESS && i > 0) break;
  }
  return time;
}
