import { describe, expect, it } from "vitest";
import { MOST_OWN_TASKS, OwnTasks } from "../../src/ui/own-tasks";
import { plusThree } from "../plus-three";

const task = (id: string) => plusThree({ id });

/** A device that keeps what it is given, up to `room` characters in all. */
function device(kept: Record<string, string> = {}, room = Number.POSITIVE_INFINITY) {
  return {
    kept,
    room,
    getItem: (key: string) => kept[key] ?? null,
    setItem(key: string, value: string) {
      if (value.length > this.room) throw new DOMException("full", "QuotaExceededError");
      kept[key] = value;
    },
  };
}

describe("OwnTasks", () => {
  it("keeps tasks on the device, under names that are not used again while they are there", () => {
    const storage = device();
    const first = new OwnTasks(storage);
    expect(first.nextId).toBe("yours/1");
    first.add(task("yours/1"));
    first.add(task("yours/2"));
    first.remove("yours/1");
    const later = new OwnTasks(storage);
    expect(later).toMatchObject({ tasks: [task("yours/2")], complaint: "", nextId: "yours/3" });
  });

  it.each([
    "hello",
    "[]",
    JSON.stringify({ version: 2, tasks: [] }),
    JSON.stringify({ version: 1, tasks: [{ ...task("yours/1"), type: "magic" }] }),
    JSON.stringify({ version: 1, tasks: [task("../elsewhere")] }),
    JSON.stringify({ version: 1, tasks: [{ ...task("yours/1"), pairs: [] }] }),
  ])("puts a list aside that it cannot read, and says so: %s", (text) => {
    const storage = device({ "own-tasks": text });
    const own = new OwnTasks(storage);
    expect(own.tasks).toEqual([]);
    expect(own.complaint).toContain("could not be read");
    own.add(task("yours/1"));
    expect(storage.kept["own-tasks-unreadable"]).toBe(text);
    expect(new OwnTasks(storage)).toMatchObject({ tasks: [task("yours/1")], complaint: "" });
  });

  it("goes on without a place to keep them, and says so", () => {
    const denied = new OwnTasks(null);
    expect(denied.complaint).toContain("last until");
    denied.add(task("yours/1"));
    expect(denied).toMatchObject({ tasks: [task("yours/1")], complaint: expect.stringContaining("last until") });
    const full = new OwnTasks(device({}, 10));
    full.add(task("yours/1"));
    expect(full).toMatchObject({ tasks: [task("yours/1")], complaint: expect.stringContaining("no room") });
  });

  it("keeps what several tabs add and remove, whichever was opened first", () => {
    const storage = device();
    const [first, second] = [new OwnTasks(storage), new OwnTasks(storage)];
    first.add(task("yours/1"));
    // Ruled on under the name that was free when it was asked about.
    second.add({ ...task("yours/1"), message: "second" });
    const both = [task("yours/1"), { ...task("yours/2"), message: "second" }];
    expect(second.tasks).toEqual(both);
    first.refresh();
    expect(first.tasks).toEqual(both);
    second.add(task("yours/3"));
    first.remove("yours/2");
    expect(first.tasks).toEqual([task("yours/1"), task("yours/3")]);
    expect(new OwnTasks(storage).tasks).toEqual(first.tasks);
  });

  it("never keeps more than it would read back", () => {
    const storage = device();
    const [first, second] = [new OwnTasks(storage), new OwnTasks(storage)];
    for (let count = 0; count < MOST_OWN_TASKS; count++) first.add(task(first.nextId));
    second.add(task("yours/1"));
    expect(second.complaint).toContain("remove one first");
    expect(new OwnTasks(storage)).toMatchObject({ tasks: first.tasks, complaint: "" });
  });

  it("puts a list aside that was damaged under it, and goes on with the one on screen", () => {
    const storage = device();
    const own = new OwnTasks(storage);
    own.add(task("yours/1"));
    storage.kept["own-tasks"] = "{";
    own.add(task("yours/2"));
    expect(own.complaint).toContain("could not be read");
    expect(storage.kept["own-tasks-unreadable"]).toBe("{");
    expect(new OwnTasks(storage)).toMatchObject({ tasks: [task("yours/1"), task("yours/2")], complaint: "" });
  });

  it("keeps what had no room once there is some, beside what another tab did", () => {
    const storage = device();
    const own = new OwnTasks(storage);
    own.add(task("yours/1"));
    storage.room = 10;
    own.add(task("yours/2"));
    expect(own.tasks).toHaveLength(2);
    expect(own.complaint).toContain("no room");
    storage.room = Number.POSITIVE_INFINITY;
    new OwnTasks(storage).remove("yours/1");
    own.refresh();
    expect(own.tasks).toEqual([task("yours/2")]);
    own.add(task("yours/3"));
    expect(new OwnTasks(storage)).toMatchObject({ tasks: own.tasks, complaint: "" });
    expect([own.tasks.length, own.complaint]).toEqual([2, ""]);
  });
});
