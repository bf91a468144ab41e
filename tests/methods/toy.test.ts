import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Method, RunConfig, TrainEvent } from "../../src/contracts";
import { configure, methodInfo } from "../../src/methods";
import { logText } from "../../src/telemetry/log";
import { replayState } from "../../src/telemetry/reducer";
import { readRecording } from "../../src/telemetry/replay";
import { RunTotals } from "../../src/telemetry/totals";
import { train } from "../../src/train";
import { gaugeSeries } from "../../src/ui/gauges";
import { phaseNote, phasesOf } from "../../src/ui/phase-notes";
import { caption } from "../../src/ui/present/moment";
import { stageName } from "../../src/ui/stage";
import { exchangesOf, leadingExchange } from "../../src/ui/text-stage";
import { drain, ScriptedModel } from "../train/scripted";
import { world } from "../train/world";
import { toy } from "./toy";

const method = toy as unknown as Method;
const run: RunConfig = {
  ...{ method: "toy", model: "scripted", seed: 5, steps: 3, overrides: {} },
  ...{ evaluateTasks: 0, evaluateEvery: 0 },
};

/** Continuations of many lengths. */
async function log() {
  const model = new ScriptedModel((_prompt, rng) => "x".repeat(1 + rng.below(12)));
  const { events } = await drain(train(method, configure(method, {}), run, world({ policy: model, learner: model })));
  return { model, events };
}

describe("a method of one file", () => {
  it("is the worked example of CONTRIBUTING, at most 60 lines of it", () => {
    const source = readFileSync("tests/methods/toy.ts", "utf8");
    expect(source.trimEnd().split("\n").length).toBeLessThanOrEqual(60);
    expect(readFileSync("CONTRIBUTING.md", "utf8")).toContain(source.replaceAll("../../src/", "../").trimEnd());
  });

  it("trains: every step has its update, and the learner sees what earned more than the mean as better", async () => {
    const { model, events } = await log();
    expect(events.filter(({ type }) => type === "step.end").length).toBe(3);
    for (const { sequences } of model.updates)
      for (const a of sequences)
        for (const b of sequences)
          if (a.completion.length < b.completion.length) expect(a.advantage).toBeGreaterThan(b.advantage);
  });

  it("is measured without a line for it: length and reward of its kind", async () => {
    const { events } = await log();
    const end = events.find((event) => event.type === "step.end");
    const lengths = events.flatMap((event) =>
      event.type === "rollout.sample" && event.step === 0 ? [event.sample.logprobs.length] : [],
    );
    const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
    expect(end?.metrics["length/writer"]).toBeCloseTo(mean, 10);
    expect(end?.metrics["reward/writer"]).toBeCloseTo(-mean, 10);
    const totals = new RunTotals();
    for (const event of events) totals.see(event);
    expect(Object.keys(totals.summary().secondsPerPhase)).toEqual(["write", "count", "update"]);
  });

  it("is shown from its log alone: path, notes, captions, curves and samples", async () => {
    const events: TrainEvent[] = readRecording(logText((await log()).events));
    const whole = replayState(events);
    expect(whole.header?.display).toEqual(JSON.parse(JSON.stringify(methodInfo(method).display)));
    expect(phasesOf(whole).map(({ title }) => title)).toEqual(["Write", "Count", "Update"]);
    expect(stageName(whole)).toBe("text");
    const written = events.findIndex((event) => event.type === "phase.end" && event.phase === "write");
    const writing = replayState(events.slice(0, written + 1));
    expect(phaseNote(writing, "paused")).toEqual({
      title: "Paused: The model writes",
      text: "The model continues an empty function. It has written 8 continuations.",
    });
    expect(caption(writing, "write", null)).toMatchObject([
      { text: "It writes" },
      { text: ": " },
      { text: "8" },
      {},
      {},
    ]);
    const gauge = whole.header?.display.gauges[0];
    expect(gauge && gaugeSeries(gauge, whole.history)[0]?.values).toHaveLength(3);
    const [exchange] = exchangesOf(whole.current);
    expect(exchange).toMatchObject({ kind: "writer", prompt: "def f(x):\n " });
    expect(exchange?.attempts).toHaveLength(8);
    expect(leadingExchange(exchangesOf(whole.current))).toEqual(exchange);
  });
});
