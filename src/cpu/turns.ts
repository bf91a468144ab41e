/** The longest that work keeps the event loop waiting, as far as it can be cut: messages such as Pause wait behind it. */
const MOST_MS = 10;

/** Gives the event loop its turn, when it has waited long enough. Only when something happens depends on it, never a result. */
export class Turns {
  private last = performance.now();

  async give(): Promise<void> {
    if (performance.now() - this.last < MOST_MS) return;
    await turn();
    this.last = performance.now();
  }
}

/** A turn of the event loop: what waits there, timers and messages among it, runs first. */
function turn(): Promise<void> {
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  // A browser holds back nested timers for 4 ms, messages not.
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
