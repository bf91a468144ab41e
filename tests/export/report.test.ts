import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { planRun } from "../../src/cli/plan";
import { type LoraConfig, shareIn, type TrainEvent } from "../../src/contracts";
import { writeReport } from "../../src/export/report";
import { commandOf } from "../../src/export/reproduce";
import { replayState } from "../../src/telemetry/reducer";
import { readRecording } from "../../src/telemetry/replay";
import { scriptedRun } from "../ui/scripted-run";

const events = [...scriptedRun({ seed: 5, steps: 4, proposals: 5, rollouts: 4 })];
const shipped = (method: string) =>
  readRecording(gunzipSync(readFileSync(`public/runs/${method}-kelvin-nano.jsonl.gz`)).toString());

/** A log of somebody who would like the report to run a script. */
function spoiled(text: string): TrainEvent[] {
  return events.map((event) =>
    event.type === "run.start"
      ? { ...event, model: { ...event.model, name: text }, device: text }
      : event.type === "evaluate.result"
        ? { ...event, suite: text }
        : event,
  );
}

describe("the report of a run", () => {
  it("needs nothing beside itself", () => {
    const html = writeReport(shipped("azr"), "The first lesson");
    expect(html).toContain("<title>The first lesson · Kelvin</title>");
    expect(html).not.toMatch(/(?:src|href)=|@import|url\(|<script|<link/u);
    expect(html.length).toBeLessThan(100_000);
  });

  it("takes every name as text, in its picture too", () => {
    const text = `<img src=x onerror="alert(1)">&`;
    const html = writeReport(spoiled(text), text);
    expect(html).not.toContain("<img");
    expect(html.split("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;").length).toBeGreaterThan(5);
  });

  it("says the first and the last result with the change, and what was skipped", () => {
    const log = shipped("one-shot");
    const { evaluations } = replayState(log);
    const [first, last] = [evaluations[0], evaluations.at(-1)].map((one) => shareIn(one?.measures, "deduction/greedy"));
    const html = writeReport(log, "one example");
    const percent = (share = 0) => (100 * share).toFixed(1);
    const change = `+${percent((last ?? 0) - (first ?? 0))}`;
    const row = [percent(first), percent(last), change].map((cell) => `<td>${cell}</td>`).join("");
    expect(html).toContain(`<td>deduction, greedy</td>${row}`);
    expect(html).toContain("45 of 45 steps, done. In 3 of them all advantages were zero and nothing was learned.");
    expect(html).toContain("No program was proposed.");
  });

  it("is dark only on a screen: paper stays white", () => {
    const html = writeReport(events, "a run");
    expect(html.match(/prefers-color-scheme/gu)).toHaveLength(1);
    expect(html).toContain("@media screen and (prefers-color-scheme: dark)");
  });

  it.each(["azr", "one-shot"])("has a command that makes the same run of %s", async (method) => {
    const { header, evaluations } = replayState(shipped(method));
    if (!header) throw new Error("the log has no run.start");
    const [, , , , ...argv] = commandOf(header, evaluations).replaceAll("'", "").split(" ");
    const plan = await planRun([...argv, "--out", "runs/never-made"]);
    // A setting that is newer than the log has its default.
    const { config: defaults } = await planRun([method, "--out", "runs/never-made"]);
    expect(plan.config).toEqual({ ...defaults, ...(header.config as object) });
    const [first, second] = evaluations.filter(({ suite }) => suite === evaluations[0]?.suite);
    const measured = { evaluateTasks: first?.measures[0]?.n, evaluateEvery: second?.step };
    expect(plan.run).toMatchObject({ method, seed: header.seed, steps: header.steps, ...measured });
    expect(plan.suiteNames).toEqual([...new Set(evaluations.map(({ suite }) => suite))]);
  });

  it("has a command of which a shell makes the words that the log holds, and nothing else", () => {
    const { header, evaluations } = replayState(spoiled("a b'; touch pwned #"));
    if (!header) throw new Error("the log has no run.start");
    const evil = [
      "$(touch pwned)",
      "`touch pwned`",
      "x\ntouch pwned",
      "\u001b[201~\ntouch pwned\n",
      "=ls",
      "'\\''",
      "~",
    ];
    for (const word of evil) {
      const config = { [word]: word };
      const lora = { rank: word, alpha: word, targets: [word], base: word } as unknown as LoraConfig;
      const command = commandOf({ ...header, method: word, config, lora }, evaluations);
      const argv = execFileSync("bash", ["-c", `npm() { printf '%s\\0' "$@"; }; ${command}`], { cwd: "tests" });
      const words = argv.toString().split("\0");
      expect(words[3]).toBe(word);
      expect(words[words.indexOf("--lora") + 1]).toBe(`${word}:${word}:${word}`);
      expect(words).toContain(`${word}=${word}`);
      expect(words).toContain("a b'; touch pwned #");
    }
    expect(existsSync("tests/pwned")).toBe(false);
  });

  it("draws a handful of ticks however many steps there are", () => {
    const first = events.find((event) => event.type === "evaluate.result") as TrainEvent;
    const far = [...events, { ...first, step: 1e6 } as TrainEvent];
    const ticks = writeReport(far, "far").match(/text-anchor="middle" fill="#63656a">[\d]+</gu) ?? [];
    expect(ticks).toHaveLength(11);
    expect(ticks.at(-1)).toContain(">1000000<");
  });

  it("has a command that leaves prompts as they are where the run did", () => {
    const { header } = replayState(events);
    if (!header) throw new Error("the log has no run.start");
    expect(commandOf({ ...header, pairs: 12 }, [])).toContain("--pairs your-pairs.jsonl");
    expect(commandOf(header, [])).not.toContain("--pairs");
    const command = (chat: "on" | "off") => commandOf({ ...header, model: { ...header.model, chat } }, []);
    expect(command("off")).toContain(" --chat off ");
    expect(command("on")).toBe(commandOf(header, []));
  });

  it("names the adapters where only they were trained", () => {
    const lora = { rank: 8, alpha: 16, targets: ["q", "v"], base: "float16" } as const;
    const log = events.map((event) => (event.type === "run.start" ? { ...event, lora } : event));
    const html = writeReport(log, "adapters");
    expect(html).toContain("LoRA of rank 8, alpha 16, on q,v, over weights in half precision");
    expect(html).toContain("--lora 8:16:q,v --base f16");
  });
});
