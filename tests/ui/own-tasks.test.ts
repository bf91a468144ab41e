import { describe, expect, it } from "vitest";
import { OwnTasks } from "../../src/ui/own-tasks";
import { plusThree } from "../plus-three";

const task = (id: string) => plusThree({ id });

/** A device that keeps what it is given, up to `room` characters in all. */
function device(kept: Record<string, string> = {}, room = Number.POSITIVE_INFINITY) {
  return {
    kept,
    getItem: (key: string) => kept[key] ?? null,
    setItem: (key: string, value: string) => {
      if (value.length > room) throw new DOMException("full", "QuotaExceededError");
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
    const full = new OwnTasks(device({}, 10));
    full.add(task("yours/1"));
    expect(full).toMatchObject({ tasks: [task("yours/1")], complaint: expect.stringContaining("no room") });
  });
});
