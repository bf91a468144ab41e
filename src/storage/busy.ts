/** Which runs a tab is writing at this moment; a tab that closes lets go by itself. */

import { storing } from "./files";

const PREFIX = "kelvin-run/";

/** Marks a run as being written. @returns what ends it; done when others see that it is over */
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

/** Does something to a run that nobody may write meanwhile. @returns whether it was done: not while another writes the run */
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
