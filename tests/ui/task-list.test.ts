import { describe, expect, it } from "vitest";
import { binName, difficultyMap, mapTable } from "../../src/ui/difficulty";
import { filterTasks, NO_FILTER, SORT_KEYS, sortTasks, taskLine } from "../../src/ui/task-list";
import { scriptedRun, taskBookOf } from "./scripted-run";

const records = taskBookOf(scriptedRun({ seed: 7, steps: 40, proposals: 4, rollouts: 7 })).records;
const found = (filter: Partial<typeof NO_FILTER>) => filterTasks(records, { ...NO_FILTER, ...filter });

describe("filterTasks", () => {
  it("lets everything through at first", () => {
    expect(found({})).toEqual(records);
    expect(records.length).toBeGreaterThan(300);
  });

  it("finds by type, steps, solve rate and text, and all of them together", () => {
    expect(new Set(found({ type: "abduction" }).map(({ task }) => task.type))).toEqual(new Set(["abduction"]));
    expect(new Set(found({ from: 3, to: 4 }).map(({ task }) => task.step))).toEqual(new Set([3, 4]));
    expect(
      found({ rate: "sometimes" }).every(({ solveRate }) => solveRate !== null && solveRate > 0 && solveRate < 1),
    ).toBe(true);
    expect(found({ text: "X = X[::-1]" }).length).toBe(found({ type: "abduction" }).length);
    const both = found({ type: "deduction", rate: "sometimes", to: 30 });
    expect(both.every(({ task, solveRate }) => task.type === "deduction" && task.step <= 30 && solveRate !== 1)).toBe(
      true,
    );
    expect(both.length).toBeGreaterThan(0);
  });

  it("parts the tasks by solve rate without a rest", () => {
    const bands = (["never", "sometimes", "always", "unrated"] as const).map((rate) => found({ rate }).length);
    expect(bands.reduce((sum, count) => sum + count, 0)).toBe(records.length);
  });
});

describe("sortTasks", () => {
  it.each(SORT_KEYS)("by %s keeps every task, one way and the other", (key) => {
    for (const descending of [false, true]) {
      const sorted = sortTasks(records, { key, descending });
      expect(new Set(sorted)).toEqual(new Set(records));
    }
  });

  it("puts what has no figure last, and equal ones in order of arrival", () => {
    const some = records.map((record, index) => (index % 5 === 0 ? { ...record, solveRate: null } : record));
    for (const descending of [false, true]) {
      const rates = sortTasks(some, { key: "rate", descending });
      const unrated = some.filter(({ solveRate }) => solveRate === null).length;
      expect(rates.slice(-unrated).every(({ solveRate }) => solveRate === null)).toBe(true);
      const rated = rates.slice(0, -unrated);
      for (const [index, one] of rated.entries()) {
        const next = rated[index + 1];
        if (!next) continue;
        const step = (descending ? -1 : 1) * ((next.solveRate ?? 0) - (one.solveRate ?? 0));
        expect(step > 0 || (step === 0 && next.index > one.index)).toBe(true);
      }
    }
  });
});

describe("the difficulty map", () => {
  it.each(["statements", "rate"] as const)("places every task once by %s", (axis) => {
    const { spots, counts, bins } = difficultyMap(records, axis);
    expect(spots.reduce((sum, { count }) => sum + count, 0)).toBe(records.length);
    expect(
      Object.values(counts)
        .flat()
        .reduce((sum, count) => sum + count, 0),
    ).toBe(records.length);
    expect(bins.length).toBeLessThanOrEqual(15);
    for (const [index, [, to]] of bins.entries()) expect(bins[index + 1]?.[0] ?? to + 1).toBe(to + 1);
  });

  it("gives the mean of each type and bin, to the table too", () => {
    const map = difficultyMap(records, "rate");
    const [from = 0, to = 0] = map.bins[2] ?? [];
    const rates = found({ type: "deduction", from: from - 1, to: to - 1 }).map(({ solveRate }) => solveRate ?? 0);
    const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
    expect(map.means.deduction[2]).toBeCloseTo(mean);
    const { columns, rows } = mapTable(map);
    expect(columns).toHaveLength(7);
    expect(rows[2]?.slice(0, 3)).toEqual([`${from} to ${to}`, String(rates.length), mean.toFixed(2)]);
  });

  it("has no bins without tasks, and names the seeds", () => {
    expect(difficultyMap([], "rate")).toMatchObject({ bins: [], spots: [] });
    expect([binName([0, 0]), binName([0, 2]), binName([3, 3])]).toEqual(["seeds", "seeds to 2", "3"]);
  });
});

describe("taskLine", () => {
  it("is the program, but for induction the pairs, which do not give it away", () => {
    const line = (type: string) => records.map(({ task }) => task).find((task) => task.type === type);
    const [deduction, induction] = [line("deduction"), line("induction")];
    expect(deduction && taskLine(deduction)).toBe("x=x*3; if x>12:x=x-9; x=x%5; return 14-x");
    expect(induction && taskLine(induction)).toBe("1 → 2  4 → 8  6 → 12");
  });
});
