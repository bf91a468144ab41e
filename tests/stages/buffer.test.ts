import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json, Task } from "../../src/contracts";
import { createRng } from "../../src/rollout/rng";
import {
  addTasks,
  bufferSizes,
  drawReference,
  inductionSources,
  knownTasks,
  readBuffer,
  taskKey,
} from "../../src/tasks/buffer";

const task = (name: number, statements = 1): Task => ({
  id: `t${name}`,
  type: "deduction",
  program: `P${name}`,
  pairs: [{ input: "1", output: "2" }],
  message: "",
  statements,
  step: 0,
  normalized: `N${name}`,
});

const named = (name: number) => task(name);

describe("task buffer", () => {
  it("stays within its capacity and keeps the newest", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat(30), { maxLength: 10 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 12 }),
        (batches, capacity) => {
          const memory = new Map<string, Json>();
          for (const batch of batches) addTasks(memory, "deduction", batch.map(named), capacity);
          const ids = readBuffer(memory, "deduction").map(({ id }) => id);
          expect(ids).toEqual(
            batches
              .flat()
              .map((name) => `t${name}`)
              .slice(-capacity),
          );
        },
      ),
    );
  });

  it("draws references from the longest tenth as often as asked, and otherwise as ever", () => {
    const buffer = Array.from({ length: 40 }, (_, name) => task(name, name % 10));
    const drawn = (share?: number) =>
      Array.from({ length: 300 }, (_, seed) => drawReference(buffer, createRng(seed), share));
    const long = (programs: readonly string[]) => programs.filter((program) => program.endsWith("9")).length / 300;
    expect(long(drawn(1))).toBe(1);
    expect(Math.abs(long(drawn(0.5)) - 0.55)).toBeLessThan(0.09);
    expect(drawn(0)).toEqual(drawn());
  });

  it("survives a checkpoint: its memory is JSON", () => {
    const memory = new Map<string, Json>();
    addTasks(memory, "deduction", [task(1), task(2)]);
    const restored = new Map(JSON.parse(JSON.stringify([...memory])) as [string, Json][]);
    expect(readBuffer(restored, "deduction")).toEqual([task(1), task(2)]);
    expect(bufferSizes(restored)).toEqual({
      "buffer/size/deduction": 2,
      "buffer/size/abduction": 0,
      "buffer/size/induction": 0,
    });
  });

  it("knows a task by its normalised program and its inputs", () => {
    const memory = new Map<string, Json>();
    addTasks(memory, "deduction", [task(1)]);
    const known = knownTasks(memory, "deduction");
    expect(known.has(taskKey({ normalized: "N1", pairs: task(7).pairs }))).toBe(true);
    expect(known.has(taskKey({ ...task(1), pairs: [{ input: "3", output: "2" }] }))).toBe(false);
  });

  it("draws references half from the newest 64 and half from all", () => {
    const buffer = Array.from({ length: 640 }, (_, index) => task(index));
    const rng = createRng(5);
    const newest = new Set(buffer.slice(-64).map(({ program }) => program));
    const draws = Array.from({ length: 4000 }, () => drawReference(buffer, rng));
    const share = draws.filter((program) => newest.has(program)).length / draws.length;
    // 0.5 + 0.5 · 64/640 = 0.55, four standard errors.
    expect(Math.abs(share - 0.55)).toBeLessThan(0.032);
  });

  it("offers induction only short programs of the other two types", () => {
    const memory = new Map<string, Json>();
    addTasks(memory, "deduction", [task(1, 1), task(2, 3)]);
    addTasks(memory, "abduction", [task(3, 2)]);
    expect(inductionSources(memory, 2)).toEqual(["P1", "P3"]);
    expect(inductionSources(memory, 4)).toEqual(["P1", "P2", "P3"]);
  });
});
