import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { isProposer, isSolver, type TrainEvent } from "../../src/contracts";
import { logText } from "../../src/telemetry/log";
import { modern } from "../../src/telemetry/older-logs";
import { replayState } from "../../src/telemetry/reducer";
import { openLog, readRecording } from "../../src/telemetry/replay";
import { rewardField } from "../../src/telemetry/reward-field";
import { finishedSteps, type RunState, type SampleRecord } from "../../src/telemetry/state";
import { thin } from "../../src/telemetry/thin";
import { logBytes } from "../../src/telemetry/unpack";
import { liveAdvantage, liveLearnability, liveLogprob, liveRegularized, liveTerm } from "../../src/ui/learn/live";
import type { ShippedRun } from "../../src/ui/recordings";
import { creditShare } from "../../src/ui/scenes";
import { scriptedRun } from "../ui/scripted-run";

const events = readRecording(logText(scriptedRun({ seed: 5, steps: 4, proposals: 5, rollouts: 4 })));
const options = { wholeTasks: 1, answers: 1 };
const thinned = thin(events, options);

/** What a thinned log must leave as it was: everything but samples and the note itself. */
function lasting({ header, current, previous, ...rest }: RunState) {
  const { thinned: _note, ...identity } = header ?? {};
  const of = (step: typeof previous) => step && { ...step, samples: null };
  return { ...rest, identity, current: of(current), previous: of(previous) };
}

const samplesOf = (log: readonly TrainEvent[]) =>
  log.flatMap((event) => (event.type === "rollout.sample" ? [event.sample.id] : []));

/** The state after each step. */
function stepStates(log: readonly TrainEvent[]): RunState[] {
  return log.flatMap((event, index) => (event.type === "step.end" ? [replayState(log.slice(0, index + 1))] : []));
}

/** Every advantage on record can be taken apart: (reward − mean) / deviation over the rewards of the whole group. */
function checkArithmetic(states: readonly RunState[]): number {
  let checked = 0;
  for (const { current } of states) {
    for (const record of current.samples.values()) {
      const share = creditShare(current, record.sample.id);
      if (!share) continue;
      const { mean, deviation, rewards, sampleIds } = share.credit;
      expect(record.reward ?? share.reward).toBe(share.reward);
      expect(sampleIds).toHaveLength(rewards.length);
      expect(rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length).toBeCloseTo(mean, 6);
      if (deviation > 0) expect((share.reward - mean) / deviation).toBeCloseTo(share.advantage, 2);
      checked++;
    }
  }
  return checked;
}

describe("a thinned log", () => {
  it("leaves out solver samples and says how many", () => {
    const [start] = thinned;
    const [kept, of] = [samplesOf(thinned).length, samplesOf(events).length];
    expect(kept).toBeLessThan(of);
    expect(start).toMatchObject({ type: "run.start", thinned: { kept, of } });
    expect(replayState(thinned).header?.thinned?.rule).toContain("1 more answers");
  });

  it("rounds log-probabilities to a thousandth, and says so", () => {
    const whole = new Map(
      events.flatMap((event) => (event.type === "rollout.sample" ? [[event.sample.id, event]] : [])),
    );
    for (const event of thinned)
      if (event.type === "rollout.sample")
        event.sample.logprobs.forEach((value, index) => {
          expect(Math.abs(value - (whole.get(event.sample.id)?.sample.logprobs[index] ?? 0))).toBeLessThan(5.01e-4);
          expect(String(value)).toMatch(/^-?\d+(\.\d{1,3})?$/);
        });
    expect(replayState(thinned).header?.thinned?.rule).toContain("log p to 0.001");
  });

  it("rebuilds the same state but for the samples of each step", () => {
    expect(lasting(replayState(thinned))).toEqual(lasting(replayState(events)));
  });

  it("keeps every proposal", () => {
    const proposals = (log: readonly TrainEvent[]) =>
      log.flatMap((e) => (e.type === "rollout.sample" && isProposer(e.prompt) ? [e.sample.id] : []));
    expect(proposals(thinned)).toEqual(proposals(events));
  });

  it("keeps all attempts at some task of each step", () => {
    const whole = stepStates(events);
    stepStates(thinned).forEach((state, index) => {
      const kept = new Set(state.current.samples.keys());
      const solvers = [...(whole[index]?.current.samples.values() ?? [])].filter(({ prompt }) => isSolver(prompt));
      const taskOf = ({ prompt }: SampleRecord) => prompt.task?.id ?? prompt.id;
      const missing = new Set(solvers.filter(({ sample }) => !kept.has(sample.id)).map(taskOf));
      const complete = solvers.map(taskOf).filter((id) => !missing.has(id));
      expect(complete.length).toBeGreaterThan(0);
    });
  });

  it("keeps why each number is what it is", () => {
    expect(checkArithmetic(stepStates(thinned))).toBeGreaterThan(10);
  });

  it("keeps what the safety sheet counts", () => {
    const marked = events.map(
      (event): TrainEvent =>
        event.type === "verify.verdict" && event.verdict.verdict === "WRONG"
          ? { ...event, verdict: { ...event.verdict, attack: "A" } }
          : event,
    );
    const { safety } = replayState(thin(marked, { wholeTasks: 0, answers: 0 }));
    expect(safety).toEqual(replayState(marked).safety);
    expect(safety.attacks.A).toBeGreaterThan(0);
  });

  it("is the log itself where it keeps every sample", () => {
    const every = thin(events, { wholeTasks: events.length, answers: 0 });
    expect(every).toEqual(events);
  });

  it("is the same for the same log", () => {
    expect(thin(events, options)).toEqual(thinned);
  });
});

describe("logBytes", () => {
  const text = "one\ntwo\n";
  it("reads plain and packed files by their bytes", async () => {
    const packed = await new Response(
      new Blob([text]).stream().pipeThrough(new CompressionStream("gzip")),
    ).arrayBuffer();
    const read = async (bytes: BlobPart) => new Response(await logBytes(new Blob([bytes]))).text();
    expect(await read(text)).toBe(text);
    expect(await read(packed)).toBe(text);
    await expect(openLog(new Blob([packed.slice(0, 12)]))).rejects.toThrow("damaged");
  });
});

describe("rewardField", () => {
  it("counts the rewards of the answers trained on, lowest first", () => {
    const field = rewardField(events);
    const earned = events.filter((event) => event.type === "reward.sample").length;
    const counts = Object.values(field.rewards).flatMap((steps) => steps.flat());
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(earned);
    for (const step of Object.values(field.rewards).flat()) {
      const rewards = step.map(({ reward }) => reward);
      expect(rewards).toEqual([...rewards].sort((a, b) => a - b));
    }
  });
});

describe.each([
  { method: "azr", most: 1.5e6, explained: 200 },
  { method: "one-shot", most: 0.2e6, explained: 100 },
])("the shipped recording of $method", ({ method, most, explained }) => {
  const stem = `public/runs/${method}-kelvin-nano`;
  const about = JSON.parse(readFileSync(`${stem}.json`, "utf8")) as ShippedRun;
  const packed = readFileSync(`${stem}.jsonl.gz`);
  const log = readRecording(gunzipSync(packed).toString());

  it(`is a whole run of the shipped model in at most ${most / 1e6} MB`, () => {
    expect(packed.byteLength).toBe(about.log.bytes);
    expect(packed.byteLength).toBeLessThanOrEqual(most);
    const state = replayState(log);
    const { header, status, evaluations } = state;
    expect(status).toBe("done");
    expect(finishedSteps(state)).toBe(header?.steps);
    expect(existsSync(`public/models/${header?.model.name}/model.safetensors`)).toBe(true);
    expect(evaluations.map(({ step }) => step)).toContain(header?.steps);
    expect(about.evaluations).toEqual(evaluations);
    expect(about.field.method).toBe(method);
    expect(header).toMatchObject({ method, seed: about.field.seed, device: about.field.device });
  });

  it("explains every advantage it shows", () => {
    expect(
      checkArithmetic(
        stepStates(
          log.slice(
            0,
            log.findIndex((event) => "step" in event && event.step === 2),
          ),
        ),
      ),
    ).toBeGreaterThan(explained);
  });

  it("says how long every sample was that shared a baseline", () => {
    for (const event of log)
      if (event.type === "credit.group") expect(event.credit.tokens).toHaveLength(event.credit.rewards.length);
  });

  it("has numbers for the formulas of its method before it is opened", () => {
    const lesson = about.lesson.map(modern);
    const run = replayState(lesson);
    const wanted =
      method === "azr" ? [liveAdvantage, liveLearnability, liveTerm, liveLogprob] : [liveAdvantage, liveRegularized];
    for (const live of wanted) expect(live(run), live.name).not.toBeNull();
    const lines = new Set(log.map((event) => JSON.stringify(event)));
    for (const event of lesson) expect(lines).toContain(JSON.stringify(event));
  });

  it("agrees with the picture on the start page", () => {
    const credited = log.flatMap((event) =>
      event.type === "credit.group" ? [{ step: event.step, ...event.credit }] : [],
    );
    for (const [type, steps] of Object.entries(about.field.rewards)) {
      steps.forEach((counts, step) => {
        const credits = credited.filter((one) => one.step === step && !one.group.startsWith("proposer"));
        // A baseline per task type, or one per group of tries at the only task.
        const shared =
          credits.length > 1 && method === "azr" ? credits.filter(({ group }) => group.endsWith(type)) : credits;
        const earned = counts.flatMap(({ reward, count }) => Array.from({ length: count }, () => reward));
        expect(shared.flatMap(({ rewards }) => rewards).sort((a, b) => a - b)).toEqual(earned);
      });
    }
  });
});
