import { describe, expect, it } from "vitest";
import { channelTo } from "../../src/cpu/browser-channel";

/** A worker that only holds its handlers. */
const made = () => ({
  onerror: (_: { message?: string; preventDefault: () => void }) => {},
  onmessage: null,
  onmessageerror: null,
  postMessage() {},
  terminate() {},
});

describe("the channel to a helper", () => {
  it.each([
    ["Uncaught Error: out of memory", "Uncaught Error: out of memory"],
    [undefined, "its code could not be loaded"],
  ])("tells its error, %j, and keeps it from the worker that made it", (message, told) => {
    const worker = made();
    const ends: string[] = [];
    channelTo(worker).listen(
      () => {},
      (why) => ends.push(why),
    );
    let isPrevented = false;
    const preventDefault = () => {
      isPrevented = true;
    };
    worker.onerror(message === undefined ? { preventDefault } : { message, preventDefault });
    expect(ends).toEqual([told]);
    expect(isPrevented).toBe(true);
  });
});
