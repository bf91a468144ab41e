import { describe, expect, it } from "vitest";
import type { TrainEvent } from "../../src/contracts";
import { logLine, parseLog } from "../../src/telemetry/log";
import { RunTotals } from "../../src/telemetry/totals";

const model = { name: "m", family: "llama", parameters: 1, layers: 1, hidden: 1, vocabulary: 1 } as const;
const start: TrainEvent = {
  type: "run.start",
  schema: 1,
  method: "azr",
  seed: 1,
  steps: 2,
  config: {},
  model,
  device: "cpu",
  kernels: {},
};
const verdict = (step: number): TrainEvent => ({
  type: "verify.verdict",
  sampleId: "a",
  verdict: { verdict: "VALID", reason: "" },
  step,
  ms: 0,
});
const end = (step: number): TrainEvent => ({
  type: "step.end",
  metrics: { "tokens/sampled": 300, "tokens/trained": 100 },
  timings: { propose: 500, verify: 100, solve: 1000, reward: 100, update: 250 },
  step,
  ms: 0,
});
const result = (step: number, greedy: number): TrainEvent => {
  return {
    type: "evaluate.result",
    suite: "s",
    measures: [{ name: "deduction/greedy", value: greedy, n: 4 }],
    step,
    ms: 0,
  };
};

describe("log", () => {
  it("keeps facts, one per line, and reads them back", () => {
    const live: TrainEvent = { type: "live.progress", phase: "evaluate", done: 1, total: 2, step: 0, ms: 1 };
    expect(logLine(live)).toBeNull();
    const text = [start, verdict(0), end(0)].map(logLine).join("");
    expect(parseLog(text)).toEqual([start, verdict(0), end(0)]);
  });

  it("leaves a line out that was cut off, and names a broken one", () => {
    const text = `${logLine(start)}${logLine(verdict(0))}`;
    expect(parseLog(text.slice(0, -5))).toEqual([start]);
    expect(() => parseLog(`${logLine(start)}{"a":1}\n`)).toThrow(/line 2/);
    expect(() => parseLog(`${logLine(start)}oops\n`)).toThrow(/line 2/);
    expect(() => parseLog(logLine(end(0)) ?? "")).toThrow(/begins with run.start/);
  });
});

describe("totals", () => {
  it("sum a run up: before, after, time and rates", () => {
    const totals = new RunTotals();
    const events = [
      start,
      verdict(-1),
      result(0, 0.3),
      verdict(0),
      verdict(0),
      end(0),
      verdict(1),
      end(1),
      result(2, 0.9),
    ];
    for (const event of events) totals.see(event);
    totals.see({ type: "run.end", reason: "done", step: 2, ms: 0 });
    const summary = totals.summary();
    expect(summary).toMatchObject({
      method: "azr",
      seed: 1,
      taken: 2,
      skipped: 0,
      reason: "done",
      secondsPerStep: 1.95,
    });
    expect(summary.before?.["s"]?.["deduction"]).toEqual({ greedy: 0.3, tasks: 4 });
    expect(summary.after?.["s"]?.["deduction"]?.["greedy"]).toBe(0.9);
    expect(summary.secondsPerPhase).toEqual({ propose: 0.5, verify: 0.1, solve: 1, reward: 0.1, update: 0.25 });
    // 600 tokens in 3 s, 200 in 0.5 s, 3 verdicts of the steps in 0.4 s.
    expect(summary.tokensPerSecond).toEqual({ sampled: 200, trained: 400 });
    expect(summary.verificationsPerSecond).toBe(7.5);
  });

  it("say null where nothing was measured", () => {
    const totals = new RunTotals();
    totals.see(start);
    expect(totals.summary()).toMatchObject({ before: null, after: null, taken: 0, secondsPerStep: 0 });
    expect(() => new RunTotals().summary()).toThrow(/run.start/);
  });
});
