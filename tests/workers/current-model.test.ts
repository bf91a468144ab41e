import { describe, expect, it, vi } from "vitest";
import { CurrentModel } from "../../src/workers/current-model";

/** Models that load when the test says so. */
function workshop() {
  const fail = vi.fn();
  const told: string[] = [];
  const loads: { choice: unknown; succeed: (name: string) => void; refuse: (error: Error) => void }[] = [];
  const destroyed: string[] = [];
  let goIdle = () => {};
  let idle: Promise<void> = Promise.resolve();
  const current = new CurrentModel<{ name: string; model: { destroy(): void } }>({
    prepare: (choice) =>
      new Promise((resolve, reject) => {
        const succeed = (name: string) => resolve({ name, model: { destroy: () => destroyed.push(name) } });
        loads.push({ choice, succeed, refuse: reject });
      }),
    idle: () => idle,
    tell: ({ name }) => told.push(name),
    fail,
  });
  const run = () => {
    idle = new Promise((resolve) => {
      goIdle = resolve;
    });
  };
  return { current, loads, destroyed, told, fail, run, end: () => goIdle() };
}
const settled = () => new Promise((resolve) => setTimeout(resolve));

describe("the model in use", () => {
  it("is none at first, and says so", async () => {
    await expect(workshop().current.demand()).rejects.toThrow("No model is loaded.");
  });

  it("gives way to the next when that is there", async () => {
    const { current, loads, destroyed } = workshop();
    current.load("a");
    loads[0]?.succeed("a");
    current.load({ url: "https://models.test/b" });
    await settled();
    expect(destroyed).toEqual([]);
    loads[1]?.succeed("b");
    expect((await current.demand()).name).toBe("b");
    await settled();
    expect(destroyed).toEqual(["a"]);
  });

  it("says nothing of a load that another one took the place of", async () => {
    const { current, loads, fail } = workshop();
    current.load("a");
    current.reload();
    loads[0]?.refuse(new Error("the device went away"));
    loads[1]?.succeed("a again");
    expect((await current.demand()).name).toBe("a again");
    await settled();
    expect(fail).not.toHaveBeenCalled();
  });

  it("stays as it was when the next cannot be loaded, and is said once", async () => {
    const { current, loads, destroyed, fail } = workshop();
    current.load("a");
    loads[0]?.succeed("a");
    current.load("b");
    loads[1]?.refuse(new Error("interrupted"));
    expect((await current.demand()).name).toBe("a");
    expect(fail.mock.calls).toEqual([[new Error("interrupted")]]);
    current.reload();
    expect(loads[2]?.choice).toBe("a");
    loads[2]?.succeed("a again");
    expect((await current.demand()).name).toBe("a again");
    expect(destroyed).toEqual([]);
  });

  it("is told again, and not loaded a second time, to who goes back to it", async () => {
    const { current, loads, told } = workshop();
    current.load("a");
    loads[0]?.succeed("a");
    await settled();
    for (const [at, next] of [1, 2].entries()) {
      current.load({ url: "https://models.test/b" });
      loads[next]?.refuse(new Error("no room"));
      await settled();
      current.load("a");
      expect(told).toEqual(Array(at + 2).fill("a"));
    }
    expect(loads).toHaveLength(3);
    current.load({ url: "https://models.test/b" });
    loads[3]?.succeed("b");
    await settled();
    current.load("a");
    expect(loads).toHaveLength(5);
  });

  it("is what was there before both, when one load after another fails", async () => {
    const { current, loads, told, fail } = workshop();
    current.load("a");
    loads[0]?.succeed("a");
    await settled();
    current.load("b");
    current.load("c");
    loads[1]?.refuse(new Error("b"));
    loads[2]?.refuse(new Error("c"));
    expect((await current.demand()).name).toBe("a");
    expect(fail.mock.calls).toEqual([[new Error("c")]]);
    current.load("a");
    expect([loads.length, told]).toEqual([3, ["a", "a"]]);
  });

  it("is kept until the run that trains it has ended", async () => {
    const { current, loads, destroyed, run, end } = workshop();
    current.load("a");
    loads[0]?.succeed("a");
    await current.demand();
    run();
    current.load("b");
    loads[1]?.succeed("b");
    await current.demand();
    await settled();
    expect(destroyed).toEqual([]);
    end();
    await settled();
    expect(destroyed).toEqual(["a"]);
  });

  it("is missing when the first cannot be loaded, until another is", async () => {
    const { current, loads, fail } = workshop();
    current.load("a");
    loads[0]?.refuse(new Error("no such file"));
    await expect(current.demand()).rejects.toThrow("no such file");
    expect(fail).toHaveBeenCalledTimes(1);
    current.load("b");
    loads[1]?.succeed("b");
    expect((await current.demand()).name).toBe("b");
  });
});
