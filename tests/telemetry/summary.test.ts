import { describe, expect, it } from "vitest";
import type { SamplePurpose, StageEvent, TaskType, VerdictName } from "../../src/contracts";
import { StepMeter } from "../../src/telemetry/summary";

interface Told {
  readonly type?: TaskType;
  readonly role?: string;
  readonly purpose?: SamplePurpose;
  readonly text?: string;
  readonly tokens?: number;
  readonly trace?: boolean;
}

function sample(
  id: string,
  { type = "deduction", role = "solver", purpose = "train", ...told }: Told = {},
): StageEvent {
  const { text = "", tokens = 1, trace = false } = told;
  const numbers = { pieces: [], logprobs: Array.from({ length: tokens }, () => -1) };
  return {
    type: "rollout.sample",
    prompt: { id: "p", kind: `${role}/${type}`, text: "", maxNewTokens: 1 },
    sample: { id, text, ...numbers, stop: "eos", trace },
    purpose,
  };
}
const proposal = (id: string, type: TaskType, program = "P"): StageEvent =>
  sample(id, { role: "proposer", type, text: `${program}<in>1` });
const verdict = (sampleId: string, name: VerdictName): StageEvent => ({
  type: "verify.verdict",
  sampleId,
  verdict: { verdict: name, reason: "" },
});
const paid = (sampleId: string, solveRate: number | null, reward: number): StageEvent => ({
  type: "reward.proposal",
  sampleId,
  solveRate,
  reward,
});

function metricsOf(...events: StageEvent[]) {
  const meter = new StepMeter();
  for (const event of events) meter.see(event, 0);
  return meter.metrics();
}

describe("the figures of a step", () => {
  it("are means over the answers that are trained on, of all types and of each", () => {
    const metrics = metricsOf(
      sample("a", { tokens: 4, trace: true }),
      sample("b", { tokens: 2 }),
      sample("c", { type: "abduction", tokens: 9 }),
      sample("probe", { tokens: 100, trace: true, purpose: "learnability" }),
      ...[verdict("a", "CORRECT"), verdict("b", "WRONG"), verdict("c", "FORMAT"), verdict("probe", "CORRECT")],
      { type: "reward.sample", sampleId: "a", reward: 1 },
      { type: "reward.sample", sampleId: "b", reward: -0.5 },
    );
    expect(metrics).toMatchObject({
      "length/completion": 5,
      "length/completion/deduction": 3,
      "length/completion/abduction": 9,
      "trace/share/deduction": 0.5,
      "accuracy/solver": 1 / 3,
      "accuracy/solver/deduction": 0.5,
      "accuracy/solver/abduction": 0,
      "reward/solver/deduction": 0.25,
      "tokens/sampled": 115,
    });
  });

  it("count a held-out proposal as valid: it is refused, not wrong", () => {
    const metrics = metricsOf(
      ...["a", "b", "c", "d"].map((id) => proposal(id, "deduction")),
      ...[verdict("a", "VALID"), verdict("b", "HELD OUT"), verdict("c", "DUPLICATE"), verdict("d", "FORMAT")],
    );
    expect(metrics["valid/rate/deduction"]).toBe(0.5);
  });

  it("tell how varied new programs are; induction proposes none", () => {
    const metrics = metricsOf(
      ...[proposal("a", "deduction", "P"), proposal("b", "abduction", "P"), proposal("c", "deduction", "Q")],
      ...[proposal("d", "induction", "R"), proposal("e", "deduction", "S")],
      ...["a", "c", "d"].map((id) => verdict(id, "VALID")),
      ...[verdict("b", "DUPLICATE"), verdict("e", "INVALID PROGRAM")],
    );
    expect(metrics["unique/share"]).toBeCloseTo(2 / 3, 12);
    expect(metricsOf()).not.toHaveProperty(["unique/share"]);
  });

  it("call a proposal learnable that is solved sometimes", () => {
    const metrics = metricsOf(
      ...["a", "b", "c", "d", "e"].map((id) => proposal(id, "deduction")),
      ...[paid("a", 0, 0), paid("b", 0.25, 0.75), paid("c", 1, 0), paid("d", 0.5, 0.5), paid("e", null, -1)],
    );
    expect(metrics["learnable/share"]).toBe(0.5);
    expect(metrics["reward/proposer/deduction"]).toBeCloseTo(0.05, 12);
  });

  it("take a method's own figures as they are", () => {
    const metrics = metricsOf({ type: "stage.metrics", metrics: { "buffer/size/deduction": 7 } });
    expect(metrics["buffer/size/deduction"]).toBe(7);
  });
});

describe("the times of a step", () => {
  it("add up where a phase is entered twice", () => {
    const meter = new StepMeter();
    const phase = (type: "phase.start" | "phase.end", ms: number) => meter.see({ type, phase: "verify" }, ms);
    phase("phase.start", 10);
    phase("phase.end", 25);
    phase("phase.start", 100);
    phase("phase.end", 107.5);
    expect(meter.timings()).toEqual({ verify: 22.5 });
  });
});
