import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { isLogged, isProposer, KelvinError, roleOf, type TrainEvent, type Verdict } from "../../src/contracts";
import { logLine, logText } from "../../src/telemetry/log";
import { reduce, reduceAll, replayState } from "../../src/telemetry/reducer";
import { openLog, readRecording } from "../../src/telemetry/replay";
import { finishedSteps, initialState, type RunState } from "../../src/telemetry/state";
import { scriptedRun } from "../ui/scripted-run";

const script = { seed: 3, steps: 6, proposals: 3, rollouts: 4 };
const events = [...scriptedRun(script)];
const logged = events.filter(isLogged);
/** Fields that may be anything, or nothing. */
const UNREAD = new Set(["config", "kernels", "solveRate", "output", "thinned", "lora"]);

/** A frozen state makes any write throw. */
function freeze(state: RunState): RunState {
  Object.freeze(state);
  Object.freeze(state.current);
  return state;
}

describe("reduce", () => {
  it("rebuilds the live run's exact state from its log", () => {
    const live = events.reduce(reduce, initialState);
    expect(replayState(readRecording(logText(events)))).toEqual(live);
  });

  it("never writes to the state it is given, nor to one it has returned, when it takes many events at once", () => {
    const half = events.findIndex((event) => event.type === "verify.verdict" && event.step === 3) + 1;
    const first = reduceAll(initialState, events.slice(0, half));
    const before = [...first.current.samples];
    expect(reduceAll(first, events.slice(half))).toEqual(events.reduce(reduce, initialState));
    expect([...first.current.samples]).toEqual(before);
  });

  it("is unchanged by live events: the very same object", () => {
    const live = events.filter((event) => !isLogged(event));
    expect(live.length).toBeGreaterThan(10);
    for (const event of live) expect(reduce(initialState, event)).toBe(initialState);
  });

  it("never writes to the state it is given", () => {
    expect(() => events.reduce((state, event) => freeze(reduce(state, event)), freeze(initialState))).not.toThrow();
  });

  it("keeps one record per finished step, with its metrics and timings", () => {
    const { history } = replayState(events);
    expect(history.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(history[2]?.timings).toMatchObject({ propose: 612, update: 171 });
    expect(history[2]?.metrics["tokens/sampled"]).toBe(9000);
  });

  it("keeps the step that is on and the one before it, and no more", () => {
    const until = events.findIndex((event) => event.type === "step.end" && event.step === 3);
    const { current, previous } = replayState(events.slice(0, until + 1));
    expect([current.step, previous?.step]).toEqual([3, 2]);
    expect(current.ended).toBe(true);
    expect([...current.samples.values()].every(({ prompt }) => prompt.id.startsWith("3/"))).toBe(true);
  });

  it("joins verdict, output, reward and solve rate to their sample", () => {
    const { current } = replayState(events);
    const proposals = [...current.samples.values()].filter(({ prompt }) => isProposer(prompt));
    const valid = proposals.find(({ verdict }) => verdict?.verdict === "VALID");
    expect(valid?.output).toBeDefined();
    expect(valid?.reward).toBeGreaterThanOrEqual(0);
    expect(valid?.solveRate).toBeGreaterThanOrEqual(0);
  });

  it("counts rulings on proposals only, and tasks by type", () => {
    const { rulings, tasks } = replayState(events);
    const ruled = Object.values(rulings).reduce((sum, count) => sum + count, 0);
    expect(ruled).toBe(script.steps * 3 * script.proposals);
    expect(tasks.deduction + tasks.abduction + tasks.induction).toBe(rulings.VALID);
  });

  it("counts refusals by reason, and stops and attacks of proposer and solver alike", () => {
    const shown = events.filter((event) => event.type === "rollout.sample" && event.purpose !== "evaluate");
    const [proposal, answer] = ["proposer", "solver"].map((role) =>
      shown.find((event) => event.type === "rollout.sample" && roleOf(event.prompt.kind) === role),
    );
    if (proposal?.type !== "rollout.sample" || answer?.type !== "rollout.sample") throw new Error("both roles");
    const ruled = (about: typeof proposal, verdict: Verdict): TrainEvent => ({
      type: "verify.verdict",
      sampleId: about.sample.id,
      verdict,
      step: about.step,
      ms: 0,
    });
    const { safety } = replayState([
      proposal,
      ruled(proposal, { verdict: "INVALID PROGRAM", reason: "name open", attack: "D" }),
      ruled(proposal, { verdict: "TOO LONG", reason: "output of 450 characters", attack: "G" }),
      ruled(proposal, { verdict: "TOO LONG", reason: "output of 512 characters", attack: "G" }),
      ruled(proposal, { verdict: "VALID", reason: "" }),
      { ...answer, step: proposal.step },
      ruled({ ...answer, step: proposal.step }, { verdict: "WRONG", reason: "input 2: LIMIT steps", attack: "F" }),
      ruled({ ...answer, step: proposal.step }, { verdict: "WRONG", reason: "output is 7" }),
    ]);
    expect(safety).toEqual({
      refusals: { "INVALID PROGRAM: name open": 1, "TOO LONG: output of … characters": 2 },
      attacks: { D: 1, G: 2, F: 1 },
      stops: { "LIMIT steps": 1 },
    });
  });

  it("adds up a phase that is entered twice, and knows the phase that is on", () => {
    const at = (ms: number) => ({ step: 0, ms });
    const phases: TrainEvent[] = [
      { type: "phase.start", phase: "verify", ...at(0) },
      { type: "phase.end", phase: "verify", ...at(10) },
      { type: "phase.start", phase: "verify", ...at(50) },
      { type: "phase.end", phase: "verify", ...at(75) },
      { type: "phase.start", phase: "reward", ...at(80) },
    ];
    const state = replayState(phases);
    expect(state.current.phases.verify).toBe(35);
    expect(state.active).toEqual({ phase: "reward", since: 80 });
  });

  it("leaves held-out samples to their summary", () => {
    const sample = events.find((event) => event.type === "rollout.sample");
    if (sample?.type !== "rollout.sample") throw new Error("the script has samples");
    expect(replayState([{ ...sample, purpose: "evaluate" }]).current.samples.size).toBe(0);
  });

  it("counts steps that are over, those without anything to learn among them", () => {
    expect(finishedSteps(initialState)).toBe(0);
    expect(finishedSteps(replayState(events))).toBe(6);
    const at = (step: number) => ({ step, ms: 1 });
    const before: TrainEvent = { type: "phase.start", phase: "solve", ...at(-1) };
    expect(finishedSteps(replayState([before]))).toBe(0);
    const skipped: TrainEvent = { type: "step.skip", reason: "every advantage is zero", ...at(0) };
    const evaluating: TrainEvent = { type: "phase.start", phase: "evaluate", ...at(1) };
    expect(finishedSteps(replayState([before, { ...before, step: 0 }]))).toBe(0);
    expect(finishedSteps(replayState([before, skipped]))).toBe(1);
    expect(finishedSteps(replayState([before, skipped, evaluating]))).toBe(1);
  });

  it("keeps why a step taught nothing, and why a run ended", () => {
    const state = replayState([
      { type: "step.skip", reason: "every advantage is zero", step: 0, ms: 1 },
      { type: "run.end", reason: "failed", message: "The GPU was lost", step: 0, ms: 2 },
    ]);
    expect(state.current.skipped).toBe("every advantage is zero");
    expect(state).toMatchObject({ status: "failed", message: "The GPU was lost", active: null });
  });
});

describe("readRecording", () => {
  const start = JSON.stringify(events[0]);

  it.each([
    ["another schema", `${start.replace('"schema":1', '"schema":2')}\n`, "another version"],
    ["no run.start", '{"type":"step.end","step":0,"ms":1}\n', "run.start"],
    ["an event without a time", `${start}\n{"type":"step.skip","step":1,"reason":""}\n`, "Line 2"],
    ["text that is not JSON", `${start}\nhello\n`, "line 2"],
    ["nothing", "", "line 1"],
    ["a type of its own", `${start}\n[1]\n`, "line 2"],
  ])("refuses %s in one clear line, whole and in pieces", async (_name, log, words) => {
    expect(() => readRecording(log)).toThrow(words);
    await expect(openLog(new Blob([log]))).rejects.toThrow(words);
  });

  it("names the field that is missing or wrong, whichever it is", () => {
    const kinds = [...new Map(logged.map((event) => [event.type, event])).values()];
    expect(kinds.length).toBeGreaterThan(9);
    for (const event of kinds) {
      for (const name of Object.keys(event)) {
        if (UNREAD.has(name)) continue;
        const first = event.type === "run.start" ? "" : `${start}\n`;
        const log = (value: unknown) => `${first}${JSON.stringify({ ...event, [name]: value })}\n`;
        expect(() => readRecording(log(undefined)), `${event.type} without ${name}`).toThrow(KelvinError);
        expect(() => readRecording(log(null)), `${event.type} with ${name} null`).toThrow(KelvinError);
        expect(() => readRecording(log({ odd: [] })), `${event.type} with an odd ${name}`).toThrow(KelvinError);
      }
    }
    const sample = logged.find(({ type }) => type === "rollout.sample") as object;
    const wrong = JSON.stringify({ ...sample, sample: { id: "s", text: "", pieces: ["a", 1], logprobs: [] } });
    expect(() => readRecording(`${start}\n${wrong}\n`)).toThrow(
      "Line 2 of the log is no rollout.sample: “sample.pieces.1” is missing or wrong.",
    );
  });

  it("reads results by task type, as logs of before have them", () => {
    const result = { deduction: { greedy: 0.3, sampled: 0.4, traceShare: 0.2, tasks: 100 } };
    const line = (of: object) =>
      `${start}\n${JSON.stringify({ type: "evaluate.result", suite: "s", step: 0, ms: 1, result: of })}\n`;
    const { evaluations } = replayState(readRecording(line(result)));
    expect(evaluations[0]?.measures).toEqual([
      { name: "deduction/greedy", value: 0.3, n: 100 },
      { name: "deduction/sampled", value: 0.4, n: 100 },
      { name: "deduction/traceShare", value: 0.2, n: 100 },
    ]);
    for (const odd of [{ deduction: 5 }, { deduction: { greedy: 2, tasks: 1 } }, { deduction: { greedy: 1 } }])
      expect(() => readRecording(line(odd))).toThrow(/^Line 2 of the log is no evaluate.result: “measures/u);
  });

  it("lets pass what it does not know", () => {
    const later = `${start}\n{"type":"judge.ask","step":0,"ms":1}\n`;
    expect(readRecording(later)).toHaveLength(2);
  });

  it("leaves live events out", async () => {
    const live: TrainEvent = { type: "live.progress", phase: "solve", done: 1, total: 2, step: 0, ms: 3 };
    const log = `${start}\n${JSON.stringify(live)}\n`;
    expect(readRecording(log)).toHaveLength(1);
    expect(await openLog(new Blob([log]))).toHaveLength(1);
  });

  it("reads the same in pieces, plain and packed, without a line that was cut off", async () => {
    const log = `${logged.map((event) => logLine(event) ?? "").join("")}{"type":"step.e`;
    expect(log.length).toBeGreaterThan(65_536);
    expect(await openLog(new Blob([log]))).toEqual(readRecording(log));
    expect(await openLog(new Blob([gzipSync(log)]))).toEqual(logged);
    await expect(openLog(new Blob([gzipSync(log).subarray(0, 5000)]))).rejects.toThrow("damaged");
  });
});
