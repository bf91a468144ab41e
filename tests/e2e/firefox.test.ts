import { describe, expect, it } from "vitest";
import { findFirefox } from "../../scripts/lib/browser.mjs";
import { readRecording } from "../../src/telemetry/replay";
import { runInFirefox } from "../setup/firefox";
import { trainInNode } from "../setup/train-in-node";
import { PATIENCE, timeless } from "./drive";

/** Long enough to be learned: one answer's group, twenty-four times. */
const STEPS = 24;

/** What this run writes down in Node. */
const inNode = () =>
  trainInNode(
    ...["one-shot", "--preset", "small", "--seed", "3", "--steps", `${STEPS}`],
    ...["--evaluate-tasks", "0", "--adapter", "cpu", "--set", "candidates=16"],
  );

/** Everything but the event that names device and build. */
const learned = (log: string) => timeless(log).slice(1);

/** Share of right answers, step by step. */
const curve = (log: string) =>
  readRecording(log).flatMap((event) => (event.type === "step.end" ? [event.metrics["accuracy/solver"] ?? 0] : []));

describe("Firefox", () => {
  it("presses Start, learns on the processor, and writes what Node writes, number for number", {
    timeout: 2 * PATIENCE,
  }, async ({ skip }) => {
    const firefox = findFirefox();
    if (!firefox) {
      console.log("Firefox: skipped: not installed; install firefox-esr, or name its path in KELVIN_FIREFOX");
      return skip("no Firefox");
    }
    const query = `?method=one-shot&preset=small&seed=3&steps=${STEPS}&evaluate=0&set.candidates=16&adapter=cpu`;
    const { device, log, failure } = await runInFirefox(firefox, query);
    expect(failure).toBeNull();
    expect(device).toBe("CPU (WebAssembly SIMD)");
    const rates = curve(log ?? "");
    console.log(`Firefox: right answers per step: ${rates.map((rate) => rate.toFixed(2)).join(" ")}`);
    expect(rates).toHaveLength(STEPS);
    const mean = (some: number[]) => some.reduce((sum, rate) => sum + rate, 0) / some.length;
    expect(mean(rates.slice(-6))).toBeGreaterThan(mean(rates.slice(0, 6)) + 0.3);
    expect(learned(log ?? "")).toEqual(learned(await inNode()));
  });
});
