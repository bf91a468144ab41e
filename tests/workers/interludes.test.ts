import { describe, expect, it } from "vitest";
import { Interludes } from "../../src/workers/interludes";

/** Work that ends when it is told to. */
function held(log: string[], name: string) {
  let finish = () => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const work = async () => {
    log.push(`${name} begins`);
    await done;
    log.push(`${name} ends`);
    return name;
  };
  return { work, finish };
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

describe("Interludes", () => {
  it("does work at once while no run is on, one piece after the other", async () => {
    const log: string[] = [];
    const interludes = new Interludes();
    const [a, b] = [held(log, "a"), held(log, "b")];
    const results = Promise.all([interludes.run(a.work), interludes.run(b.work)]);
    await turn();
    expect(log).toEqual(["a begins"]);
    a.finish();
    b.finish();
    expect(await results).toEqual(["a", "b"]);
    expect(log).toEqual(["a begins", "a ends", "b begins", "b ends"]);
  });

  it("makes work wait for the end of the step, and the step for the work", async () => {
    const log: string[] = [];
    const interludes = new Interludes();
    await interludes.end();
    const { work, finish } = held(log, "work");
    const asked = interludes.run(work);
    await turn();
    expect(log).toEqual([]);
    const begun = interludes.begin();
    const ended = interludes.end().then(() => log.push("the run goes on"));
    await turn();
    expect(log).toEqual(["work begins"]);
    finish();
    await Promise.all([begun, ended, asked]);
    expect(log).toEqual(["work begins", "work ends", "the run goes on"]);
  });

  it("leaves what came too late for the next step's end", async () => {
    const log: string[] = [];
    const interludes = new Interludes();
    const [first, late] = [held(log, "first"), held(log, "late")];
    void interludes.run(first.work);
    const ended = interludes.end();
    void interludes.run(late.work);
    first.finish();
    late.finish();
    await ended;
    await turn();
    expect(log).toEqual(["first begins", "first ends"]);
    await interludes.begin();
    expect(log.at(-1)).toBe("late ends");
  });

  it("goes on after work that failed, and tells the one who asked", async () => {
    const interludes = new Interludes();
    const failing = interludes.run(() => Promise.reject(new Error("broken")));
    await expect(failing).rejects.toThrow("broken");
    expect(await interludes.run(async () => 1)).toBe(1);
  });
});
