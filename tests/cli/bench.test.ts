import { afterEach, describe, expect, it, vi } from "vitest";
import { main } from "../../src/cli/bench";
import { medianOf } from "../../src/cli/bench/section";
import { figuresOf } from "../../src/cli/bench/verifier";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe("bench", () => {
  it("keeps the median of each figure on its own", async () => {
    const runs = [
      [3, 10],
      [1, 30],
      [2, 20],
    ].values();
    const measure = async () => [...runs.next().value!].map((value, at) => ({ name: `figure ${at}`, value, unit: "" }));
    expect((await medianOf(3, measure)).map(({ value }) => value)).toEqual([2, 20]);
  });

  it("says the time per literal answer in milliseconds", () => {
    const figures = figuresOf({ isolatedJobs: 1, pureJobs: 1, verdicts: 1, literals: 5000 });
    expect(figures.at(-1)).toEqual({ name: "time per literal answer", value: 0.2, unit: "ms" });
  });

  it("says why a section was skipped, and is machine-readable", async () => {
    vi.stubEnv("KELVIN_CHROMIUM", "");
    const lines: string[] = [];
    vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
    expect(await main(["--json", "--section", "verifier in Chromium"])).toBe(0);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      machine: expect.stringContaining("Node v"),
      sections: [{ name: "verifier in Chromium", figures: [], skipped: expect.stringContaining("no Chromium") }],
    });
  });

  it("refuses what it does not know", async () => {
    await expect(main(["--section", "moon"])).rejects.toThrow('there is no section "moon"');
    await expect(main(["everything"])).rejects.toThrow('no argument "everything"');
  });
});
