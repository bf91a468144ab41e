import type { Stopwatch } from "../gpu/stopwatch";

const REPEATS = 3;
/** A variant this much slower at once needs no second look. */
const HOPELESS = 2;

/** Another variant than the usual one must be clearly better: timings are noisy, and a choice should come out twice. */
const CLEARLY = 0.93;

/** Siblings of an op on one device: what may run each way (forward, backward), and how long it takes. */
export interface Trial<Way extends string, Variant extends string> {
  readonly ways: readonly Way[];
  readonly usual: Variant;
  /** What is worth measuring; the usual one may be among it. */
  readonly candidates: readonly Variant[];
  /** No variant is begun after this, on the clock of `performance.now`. */
  readonly deadline: number;
  /** The numerics gate: a variant where it may run, another one where it may not. */
  readonly gate: (variant: Variant) => Promise<Readonly<Record<Way, Variant>>>;
  /** Milliseconds of a variant one way; need not be exact where they are far above `limit`. */
  readonly time: (variant: Variant, way: Way, limit: number) => Promise<number>;
}

/**
 * Each way the fastest variant that passes the gate. Until another is clearly faster, and where the deadline comes first, it is
 * the usual one, or what the gate puts in its place.
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
