/**
 * Waiting for the device without taking a core from it. Dawn for Node looks for finished work in a busy loop of the event
 * loop; on a CPU rasteriser with few cores that loop starves the rasteriser. In Node we therefore sleep for a moment per
 * turn. Browsers wait by themselves, and may not block.
 */

/** Long enough to leave the core alone, short against a submit of tens of milliseconds. */
const SLEEP_MS = 1;

const inNode = typeof process !== "undefined" && typeof process.versions?.node === "string";
const cell = inNode ? new Int32Array(new SharedArrayBuffer(4)) : null;

/** Resolves or rejects as `promise` does. */
export async function patiently<T>(promise: Promise<T>): Promise<T> {
  if (!cell) return promise;
  let settled = false;
  const mark = (): void => {
    settled = true;
  };
  promise.then(mark, mark);
  await null;
  while (!settled) {
    Atomics.wait(cell, 0, 0, SLEEP_MS);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return promise;
}
