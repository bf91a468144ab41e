/**
 * How much of the processor a thread gets, so that no verdict depends on what else the machine does. Closed like
 * interpreterModule: it travels as text.
 */

/** What the closed function below answers. */
export interface ClockModule {
  /**
   * The share of wall time that went to the caller's thread since `begin`, between 0 and 1. `cpuMilliseconds` reads the
   * thread's own processor time; where the platform has none, a loop of known length is timed.
   */
  createShare(cpuMilliseconds?: () => number | null): Share;
}

export interface Share {
  begin(): void;
  read(now: number): number;
}

/** Everything in one function, so that its text is the whole of it. */
export function clockModule(): ClockModule {
  /** Longer than a time slice: a loop that is interrupted shows it. */
  const SPIN_TURNS = 6_000_000;
  /** A reading of the processor's time serves all calls that begin so soon after it. */
  const FRESH_MILLISECONDS = 20;

  let sink = 0;
  const spin = (): number => {
    const start = performance.now();
    for (let turn = 0; turn < SPIN_TURNS; turn++) sink = (sink * 31 + turn) | 0;
    return performance.now() - start;
  };

  /** The least a spin took; measured once, when it is first needed. */
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
