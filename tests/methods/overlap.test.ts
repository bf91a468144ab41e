import { describe, expect, it } from "vitest";
import type {
  Completion,
  Learner,
  LiveTokens,
  Method,
  Policy,
  SamplingOptions,
  SamplingRequest,
  Verifier,
} from "../../src/contracts";
import { parseSuite } from "../../src/evaluate/suite";
import { configure, findMethod } from "../../src/methods";
import { train } from "../../src/train";
import { drain, FakeVerifier, ScriptedModel, selfPlay } from "../train/scripted";

/** What happened, in order: a policy that has written one more request, a verifier that was asked. */
type Diary = string[];

const turn = () => new Promise((resolve) => setTimeout(resolve));

/** Takes its time between requests, as a device does, and may keep what it has finished to itself. */
class SlowModel extends ScriptedModel {
  constructor(
    private readonly diary: Diary,
    private readonly reports: boolean,
  ) {
    super(selfPlay);
  }

  override async *generate(
    requests: readonly SamplingRequest[],
    sampling: SamplingOptions,
  ): AsyncGenerator<LiveTokens[], Completion[][]> {
    this.diary.push("begin");
    const writing = super.generate(requests, sampling);
    let next = await writing.next();
    for (; !next.done; next = await writing.next()) {
      this.diary.push("write");
      yield this.reports ? next.value : next.value.map(({ completion: _, ...fresh }) => fresh);
      await turn();
    }
    this.diary.push("end");
    return next.value;
  }
}

/** Notes when it is asked, and answers in an order of its own: every second question later than the next. */
function slowVerifier(diary: Diary): Verifier {
  const fake = new FakeVerifier();
  let asked = 0;
  const slowly =
    <J, R>(answer: (jobs: readonly J[]) => Promise<R[]>) =>
    async (jobs: readonly J[]): Promise<R[]> => {
      diary.push("verify");
      if (++asked % 2 === 0) for (let i = 0; i < 3; i++) await turn();
      return answer(jobs);
    };
  return {
    propose: slowly((jobs) => fake.propose(jobs)),
    deduce: slowly((jobs) => fake.deduce(jobs)),
    abduce: slowly((jobs) => fake.abduce(jobs)),
    induce: slowly((jobs) => fake.induce(jobs)),
    run: (jobs) => fake.run(jobs),
    dispose: () => fake.dispose(),
  };
}

const SETTINGS: Record<string, Parameters<typeof configure>[1]> = {
  azr: { proposals: 4, learnabilitySamples: 2, solverTasks: 4, freshTasks: 2, seedTasks: 6 },
  "one-shot": {
    exampleRule: "by-hand",
    exampleProgram: "def f(x):\n x=x+3\n return x-1",
    exampleInput: "5",
    groups: 3,
  },
};

const line = { type: "deduction", program: "def f(x):\n return x+3", input: "1", output: "4", statements: 1 };
const suite = parseSuite("held-out", [1, 2, 3].map((x) => JSON.stringify({ ...line, input: String(x) })).join("\n"));

function run(method: Method, policy: Policy & Learner, verifier: Verifier, evaluateTasks = 0) {
  const config = { method: method.name, model: "", seed: 5, steps: 2, overrides: {}, evaluateTasks, evaluateEvery: 1 };
  return drain(
    train(method, configure(method, SETTINGS[method.name] ?? {}), config, {
      policy,
      learner: policy,
      reference: policy,
      verifier,
      suites: [suite],
      heldOut: new Set(),
      seedTasks: [],
      model: { name: "scripted", family: "llama", parameters: 1, layers: 1, hidden: 1, vocabulary: 1 },
      device: "none",
      kernels: {},
      now: () => 0,
    }),
  );
}

/** Rollouts in which the verifier was asked before the last request was written. */
function overlapped(diary: Diary): { overlapping: number; rollouts: number } {
  const rollouts = diary.join(" ").split("begin").slice(1);
  const overlapping = rollouts.filter((words) => /verify.*write/.test(words.split("end")[0] ?? ""));
  return { overlapping: overlapping.length, rollouts: rollouts.length };
}

describe.each(["azr", "one-shot"])("%s", (name) => {
  const method = findMethod(name);

  it("has finished samples verified while the rest is being written", async () => {
    const diary: Diary = [];
    await run(method, new SlowModel(diary, true), slowVerifier(diary), 3);
    const { overlapping, rollouts } = overlapped(diary);
    expect(rollouts).toBeGreaterThan(4);
    expect(overlapping).toBe(rollouts);
  });

  it("tells the same story whether or not the policy reports early, and whatever order verdicts come in", async () => {
    const silent: Diary = [];
    const early = await run(method, new SlowModel([], true), slowVerifier([]));
    const late = await run(method, new SlowModel(silent, false), new FakeVerifier());
    expect(early.events).toEqual(late.events);
    expect(overlapped(silent).overlapping).toBe(0);
  });

  it("ends with the verifier's failure, after the sampling during which it came", async () => {
    const broken = new FakeVerifier();
    broken.deduce = () => Promise.reject(new Error("a canary died"));
    const diary: Diary = [];
    await expect(run(method, new SlowModel(diary, true), broken)).rejects.toThrow("a canary died");
    expect(diary.at(-1)).toBe("end");
  });
});
