/** Longest time without a turn of the event loop, where work can be split; messages such as Pause wait for it. */
const MOST_MS = 10;

/** Lets the event loop run if it has waited long enough. This changes timing, never a result. */
export class Turns {
  private last = performance.now();

  async give(): Promise<void> {
    if (performance.now() - this.last < MOST_MS) return;
    await turn();
    this.last = performance.now();
  }
}

/** One turn of the event loop: pending timers and messages run first. */
function turn(): Promise<void> {
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  // A browser delays nested timers by 4 ms, but not messages.
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
