import type { Page } from "playwright-core";

/** How free the page's main thread was for a while. */
export interface MainThread {
  /** Milliseconds of each task over 50 ms, as the browser's Long Tasks observer reports them. */
  readonly long: readonly number[];
  /** Short tasks of our own that got their turn in between, one after another: what a click would have met. */
  readonly short: number;
  readonly milliseconds: number;
}

/** Begins to watch; the function that comes back ends it. */
export async function watchMainThread(page: Page): Promise<() => Promise<MainThread>> {
  const watch = await page.evaluateHandle(() => {
    const long: number[] = [];
    const observer = new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration)));
    observer.observe({ type: "longtask" });
    const from = performance.now();
    const state = { on: true, short: 0 };
    const probe = (): void => {
      state.short++;
      if (state.on) setTimeout(probe);
    };
    setTimeout(probe);
    return {
      end() {
        state.on = false;
        observer.disconnect();
        return { long, short: state.short, milliseconds: performance.now() - from };
      },
    };
  });
  return () => watch.evaluate((watching) => watching.end());
}

/** Share of all tasks that took over 50 ms. */
export function longShare({ long, short }: MainThread): number {
  return long.length / (long.length + short);
}

/** For the report: long tasks, the longest, and the share of time in which a click would have waited. */
export function mainThreadText(watched: MainThread): string {
  const { long, short, milliseconds } = watched;
  const blocked = long.reduce((sum, duration) => sum + duration, 0) / milliseconds;
  return `${long.length} of ${long.length + short} tasks over 50 ms (${percent(longShare(watched))}), longest ${Math.round(Math.max(0, ...long))} ms, ${percent(blocked)} of the time`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
