/**
 * Waits for the device without occupying a core. Dawn for Node polls for finished work in a busy loop of the event loop. On a
 * software adapter with few cores that loop takes the core that renders. In Node we therefore sleep briefly between polls.
 * Browsers need no polling and must not block.
 */

/** Long enough to free the core, short compared with a submit of tens of milliseconds. */
const SLEEP_MS = 1;

const inNode = typeof process !== "undefined" && typeof process.versions?.node === "string";
const cell = inNode ? new Int32Array(new SharedArrayBuffer(4)) : null;

/** Resolves or rejects like `promise`. */
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
