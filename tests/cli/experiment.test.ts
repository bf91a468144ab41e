import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { main } from "../../src/cli/experiment";
import { EXPERIMENTS, findExperiment } from "../../src/cli/experiment/declared";
import { pageOf, type RunResult } from "../../src/cli/experiment/page";
import { planRuns } from "../../src/cli/experiment/runs";
import type { TrainEvent } from "../../src/contracts";
import { configure, findMethod } from "../../src/methods";
import { scriptedRun } from "../ui/scripted-run";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kelvin-experiment-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const experiment = { ...findExperiment("azr"), suites: ["in-distribution"] };
const result = (arm: number, seed: number): RunResult => ({
  arm: experiment.arms[arm] ?? experiment.arms[0] ?? { name: "", short: "", method: "", settings: {}, steps: 1 },
  seed,
  events: [...scriptedRun({ seed, steps: 60, proposals: 1, rollouts: 1 })],
  commit: "abc1234",
});

describe("experiments", () => {
  it.each(EXPERIMENTS.map((one) => [one.name, one] as const))("%s sets its methods up as they can be", (_name, one) => {
    for (const { method, settings } of one.arms) expect(() => configure(findMethod(method), settings)).not.toThrow();
    expect(new Set(one.arms.map(({ name }) => name)).size).toBe(one.arms.length);
    expect(one.arms[0]?.control ?? false).toBe(false);
  });

  it("have a page with every run that is over, and the reading of its own figures", () => {
    const { markdown, picture } = pageOf(
      experiment,
      [result(1, 1), result(0, 2), result(0, 1)],
      4,
      "npm run experiment -- azr --seeds 2",
    );
    const rows = markdown.split("\n").filter((line) => line.startsWith("| AZR") || line.startsWith("| random"));
    expect(rows.map((row) => row.split(" | ").slice(0, 3).join(" "))).toEqual([
      "| AZR 1 60",
      "| AZR 2 60",
      "| random rewards on fixed tasks (control) 1 60",
    ]);
    expect(rows[0]).toMatch(/\| \.341 → \.869 \| .*Scripted adapter \| abc1234 \|$/);
    expect(markdown).toContain("1 of 4 runs are not over yet.");
    expect(markdown).toMatch(/AZR moves deduction by \+52\.\d, .* points\. The controls move deduction by/);
    expect(picture?.match(/<polyline/g)).toHaveLength(3);
    for (const label of ["AZR 1 34.1", "AZR 2 34.1", "random 1 34.1"]) expect(picture).toContain(`>${label}`);
    expect(markdown).toContain("\n    npm run experiment -- azr --seeds 2\n");
  });

  it("run an arm with fewer seeds where it says so", () => {
    const [first, ...others] = findExperiment("one-shot").arms;
    const planned = planRuns({ ...findExperiment("one-shot"), arms: [first!, ...others] }, 3, "runs");
    expect(planned.filter(({ arm }) => arm === first).map(({ seed }) => seed)).toEqual([1, 2, 3]);
    const few = others.filter(({ seeds }) => seeds === 2);
    expect(few.length).toBeGreaterThan(2);
    for (const one of few) expect(planned.filter(({ arm }) => arm === one).map(({ seed }) => seed)).toEqual([1, 2]);
    expect(planRuns(findExperiment("one-shot"), 1, "runs").every(({ seed }) => seed === 1)).toBe(true);
  });

  it("say what is missing before anything was run", () => {
    expect(pageOf(experiment, [], 4, "npm run experiment -- azr").markdown).toMatch(
      /Nothing is measured yet\. No control is measured yet\./,
    );
  });

  it("show what is measured once as one figure, without a picture", () => {
    const once = findExperiment("best-of-n");
    const measures = [{ name: "preference/bestOf16", value: 0.848, n: 500 }];
    const evaluation: TrainEvent = { type: "evaluate.result", suite: "rlhf", measures, step: 0, ms: 1 };
    const [start, ...events] = scriptedRun({ seed: 1, steps: 1, proposals: 1, rollouts: 1 });
    const run = { arm: once.arms[0]!, seed: 1, events: [start!, evaluation, ...events], commit: "abc1234" };
    const { markdown, picture } = pageOf(once, [run], 9, "x");
    expect(markdown).toContain("| – → – | – → – | .848 | – → – |");
    expect(markdown).toContain("Each is measured once, before the first step.\n");
    expect([picture, markdown.includes(".svg")]).toEqual([null, false]);
  });

  it("are refused by name, and where runs lie already without --resume", async () => {
    await expect(main(["no-such"])).rejects.toThrow(/no experiment "no-such"/);
    mkdirSync(join(folder, "AZR-seed-1"));
    writeFileSync(join(folder, "AZR-seed-1", "events.jsonl"), "");
    await expect(main(["azr", "--runs", folder, "--out", folder])).rejects.toThrow(/holds a run already/);
    writeFileSync(join(folder, "AZR-seed-1", "process.txt"), `${process.pid}`);
    const again = main(["azr", "--runs", folder, "--out", folder, "--resume", "--wait"]);
    await expect(again).rejects.toThrow(`process ${process.pid} still trains ${join(folder, "AZR-seed-1")}`);
  });
});
