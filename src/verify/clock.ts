/**
 * Measures the share of the processor that a thread gets, so that verdicts do not depend on other work of the machine. Closed
 * like interpreterModule, because workers receive its text.
 */

/** Interface of the closed function below. */
export interface ClockModule {
  /**
   * The share of wall time that the caller's thread had the processor since `begin`, between 0 and 1. `cpuMilliseconds` reads
   * the thread's processor time. If the platform does not report it, a loop of known length is timed.
   */
  createShare(cpuMilliseconds?: () => number | null): Share;
}

export interface Share {
  begin(): void;
  read(now: number): number;
}

/** Everything is inside one function, because workers receive its text. */
export function clockModule(): ClockModule {
  /** Takes longer than a time slice of the system, so an interruption is visible. */
  const SPIN_TURNS = 6_000_000;
  /** Calls that begin within this time share one reading of the processor's time. */
  const FRESH_MILLISECONDS = 20;

  let sink = 0;
  const spin = (): number => {
    const start = performance.now();
    for (let turn = 0; turn < SPIN_TURNS; turn++) sink = (sink * 31 + turn) | 0;
    return performance.now() - start;
  };

  /** The shortest time of a spin so far; 0 before the first. */
  let best = 0;

  const spinning = (): Share => {
    let spent = 0;
    let spins = 0;
    return {
      begin: () => {
        if (best === 0) best = Math.min(spin(), spin(), spin());
        spent = spins = 0;
      },
      read: () => {
        const took = spin();
        best = Math.min(best, took);
        spent += took;
        spins++;
        return spent === 0 ? 1 : (spins * best) / spent;
      },
    };
  };

  const counting = (cpuMilliseconds: () => number | null): Share => {
    let start = 0;
    let readAt = Number.NEGATIVE_INFINITY;
    let before = 0;
    return {
      begin: () => {
        start = performance.now();
        if (start - readAt < FRESH_MILLISECONDS) return;
        before = cpuMilliseconds() ?? 0;
        readAt = start;
      },
      read: (now) => (now <= start ? 1 : Math.min(1, ((cpuMilliseconds() ?? 0) - before) / (now - start))),
    };
  };

  return {
    createShare: (cpuMilliseconds) =>
      typeof cpuMilliseconds?.() === "number" ? counting(cpuMilliseconds) : spinning(),
  };
}
