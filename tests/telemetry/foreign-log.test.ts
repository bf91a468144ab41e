import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { KelvinError, type TrainEvent } from "../../src/contracts";
import { LogReader } from "../../src/telemetry/log";
import { openLog, readRecording } from "../../src/telemetry/replay";
import { scriptedRun } from "../ui/scripted-run";

const events = [...scriptedRun({ seed: 1, steps: 6, proposals: 2, rollouts: 2 })];
const first = (type: TrainEvent["type"]) => events.find((event) => event.type === type) as unknown as Odd;
type Odd = { [key: string]: Odd };

/** A log whose event of a type has another value at a path; `1e999` and the like are written as they stand. */
function logWith(type: TrainEvent["type"], path: string, value: unknown, literal = ""): string {
  const event = structuredClone(first(type));
  const names = path.split(".");
  const place = names.slice(0, -1).reduce((at, name) => at[name] as Odd, event);
  place[names.at(-1) ?? ""] = (literal === "" ? value : "LITERAL") as Odd;
  const line = JSON.stringify(event).replace('"LITERAL"', literal);
  return type === "run.start" ? `${line}\n` : `${JSON.stringify(first("run.start"))}\n${line}\n`;
}

describe("a log of a stranger", () => {
  it.each<[TrainEvent["type"], string, unknown]>([
    ["run.start", "model.vocabulary", undefined],
    ["run.start", "model.family", "mamba"],
    ["run.start", "model.parameters", -1],
    ["run.start", "steps", 2.5],
    ["run.start", "steps", 1_000_001],
    ["run.start", "seed", -1],
    ["run.start", "lora", 5],
    ["run.start", "lora", { rank: "8; touch x #", alpha: 16, targets: ["q"] }],
    ["run.start", "lora", { rank: 8, alpha: 16, targets: ["q", "v; touch x #"] }],
    ["run.start", "lora", { rank: 8, alpha: 16, targets: ["q"], base: "f8" }],
    ["run.start", "kernels", undefined],
    ["run.start", "thinned", { kept: 1 }],
    ["run.start", "config", JSON.parse(`${"[".repeat(100)}${"]".repeat(100)}`)],
    ["run.start", "config", Array.from({ length: 10_000 }, () => 0)],
    ["run.start", "extra", JSON.parse(`${"[".repeat(100)}${"]".repeat(100)}`)],
    ["evaluate.result", "step", 1.5],
    ["evaluate.result", "step", 1e9],
    ["evaluate.result", "step", 1e12],
    ["evaluate.result", "measures.0.value", 1.5],
    ["evaluate.result", "measures.0.n", -1],
    ["evaluate.result", "measures.0.name", '"><script>'],
    ["evaluate.result", "measures", {}],
    ["evaluate.result", "measures", undefined],
    ["verify.verdict", "verdict.verdict", "constructor"],
    ["verify.verdict", "verdict.attack", { a: 1 }],
    ["verify.verdict", "output", {}],
    ["task.add", "task.pairs", [{ input: 1, output: "" }]],
    ["rollout.sample", "sample.text", "x".repeat(2 ** 20 + 1)],
    ["credit.group", "credit.rewards", [1]],
    ["step.end", "ms", -1],
    ["step.end", "timings.update", "1"],
  ])("is refused by line and field: %s with another %s", (type, path, value) => {
    const line = type === "run.start" ? 1 : 2;
    const field = path.split(".").slice(0, 3).join(".");
    const refused = new RegExp(`^Line ${line} of the log is no ${type}: “(.*)” is missing or wrong.$`, "u");
    const error = caught(() => readRecording(logWith(type, path, value)));
    expect(error).toBeInstanceOf(KelvinError);
    expect(error.message).toMatch(refused);
    const named = refused.exec(error.message)?.[1] ?? "";
    expect(named.startsWith(field) || field.startsWith(named), named).toBe(true);
    expect(error.hint).toMatch(/^Expected .{2,}\. Choose/u);
  });

  it.each<[TrainEvent["type"], string]>([
    ["step.end", "metrics.policy/loss"],
    ["reward.sample", "reward"],
    ["evaluate.result", "step"],
    ["rollout.sample", "sample.logprobs.0"],
  ])("is refused where a number is no number any more: %s, %s", (type, path) => {
    expect(() => readRecording(logWith(type, path, 0, "1e999"))).toThrow(/^Line 2 .* is missing or wrong/u);
  });

  it("may name what this version does not know, as long as that is small", () => {
    expect(readRecording(logWith("run.start", "later", { a: [1, "b"] }))).toHaveLength(1);
  });

  it("reads a NaN, which JSON has as null, as the number that it was", () => {
    const [, end] = readRecording(logWith("step.end", "metrics.policy/loss", null));
    expect((end as unknown as Odd)["metrics"]?.["policy/loss"]).toBeNaN();
    const [, group] = readRecording(logWith("credit.group", "credit.mean", null));
    expect((group as unknown as Odd)["credit"]?.["mean"]).toBeNaN();
  });

  it("is refused with more suites than can be chosen from", () => {
    const suites = Array.from({ length: 101 }, (_, index) => ({ ...first("evaluate.result"), suite: `s${index}` }));
    const log = [first("run.start"), ...suites].map((event) => `${JSON.stringify(event)}\n`).join("");
    expect(() => readRecording(log)).toThrow("Line 102 of the log is one suite more than 100.");
  });

  it("is read with a byte order mark, and without its last newline", async () => {
    const log = `\ufeff${logWith("step.end", "ms", 7).trimEnd()}`;
    expect(readRecording(log)).toHaveLength(2);
    expect(await openLog(new Blob([log]))).toHaveLength(2);
  });

  it("is read in a time that grows with its longest line, not with the square of it", () => {
    const once = (megabytes: number) => {
      const [reader, piece] = [new LogReader(), "x".repeat(65_536)];
      const began = performance.now();
      for (let i = 0; i < 16 * megabytes; i++) reader.push(piece);
      expect(() => reader.push("\n")).toThrow("line 1: it is not an event");
      return performance.now() - began;
    };
    // The machine may be busy meanwhile: the quickest of three says what the work takes.
    const quickest = (megabytes: number) => Math.min(once(megabytes), once(megabytes), once(megabytes));
    expect(quickest(48)).toBeLessThan(16 * quickest(6));
  });

  it("is refused for a line that no machine could show", async () => {
    const line = new Blob(Array.from({ length: 70 }, () => "x".repeat(2 ** 20)));
    await expect(openLog(line)).rejects.toThrow("line 1: it is longer than 67108864 characters");
  });
});

describe("a packed log", () => {
  it("is counted while it is unpacked, and given up as soon as it is more than it may be", async () => {
    const bomb = gzipSync(
      Buffer.concat([Buffer.from(logWith("step.end", "ms", 7)), Buffer.alloc(40 * 2 ** 20, " \n")]),
    );
    expect(bomb.byteLength).toBeLessThan(2 ** 17);
    await expect(openLog(new Blob([bomb]))).rejects.toThrow(/line 3|unpacks to more than/u);
    const blank = gzipSync(Buffer.alloc(40 * 2 ** 20));
    await expect(openLog(new Blob([blank]))).rejects.toThrow("The packed log unpacks to more than 16 MB.");
  });
});

function caught(work: () => unknown): KelvinError {
  try {
    work();
  } catch (error) {
    return error as KelvinError;
  }
  throw new Error("nothing was refused");
}
