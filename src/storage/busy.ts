/** Which runs are being written now, in any tab. The lock ends when its tab closes. */

import { storing } from "./files";

const PREFIX = "kelvin-run/";

/** Locks a run for writing. @returns the function that ends the lock; its promise resolves when other tabs see it */
export async function holdRun(id: string): Promise<() => Promise<void>> {
  return storing(
    () =>
      new Promise((resolve, reject) => {
        const held = () =>
          new Promise<void>((end) => {
            resolve(() => {
              end();
              return over;
            });
          });
        const over: Promise<void> = navigator.locks.request(PREFIX + id, held);
        over.catch(reject);
      }),
  );
}

/** Runs `work` while no tab writes the run. @returns false if another tab is writing it and nothing was done */
export async function whileIdle(id: string, work: () => Promise<void>): Promise<boolean> {
  return navigator.locks.request(PREFIX + id, { ifAvailable: true }, async (lock) => {
    if (lock) await work();
    return lock !== null;
  });
}

/** Ids of all runs that are being written, in any tab. */
export async function busyRuns(): Promise<ReadonlySet<string>> {
  const { held = [] } = await storing(() => navigator.locks.query());
  return new Set(held.flatMap(({ name }) => (name?.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : [])));
}
