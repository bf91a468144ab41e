/** A made-up run through the real event types, for looking at the page and for testing it without an engine. */
import { normalize } from "../../src/advantage/advantage";
import {
  type Credit,
  kindOf,
  type ProgramType,
  type PromptView,
  type SamplePurpose,
  type SampleView,
  SELF_PLAY_PHASES,
  TASK_TYPES,
  type Task,
  type TrainEvent,
  ungrouped,
  type Verdict,
} from "../../src/contracts";
import { createRng } from "../../src/rollout/rng";
import { TaskBook } from "../../src/telemetry/task-book";

export interface Script {
  readonly seed: number;
  readonly steps: number;
  /** Proposals per type and step. */
  readonly proposals: number;
  /** Learnability rollouts per valid proposal. */
  readonly rollouts: number;
  /** What is written; the usual short programs where it is missing. */
  readonly texts?: Texts;
}

type ProgramTask = Task & { readonly type: ProgramType };

/** What the policy writes for each type: its tasks, and its worked answers. */
export interface Texts {
  readonly programs: Readonly<
    Record<ProgramType, { reference: string; program: string; inputs: string[]; outputs: string[] }>
  >;
  readonly traces: Readonly<Record<ProgramType, string>>;
}

const PROGRAMS: Texts["programs"] = {
  deduction: {
    reference: "def f(x):\n x=x*3\n x=x%5\n return 14-x",
    program: "def f(x):\n x=x*3\n if x>12:x=x-9\n x=x%5\n return 14-x",
    inputs: ["7"],
    outputs: ["12"],
  },
  abduction: {
    reference: "def f(x):\n x=x[::-1]\n return sum(x)",
    program: "def f(x):\n x=x[::-1]\n x=x[1:]\n return sum(x)",
    inputs: ["[3,1,4]"],
    outputs: ["4"],
  },
  induction: {
    reference: "def f(x):\n return x*2",
    program: "def f(x):\n return x*2",
    inputs: ["1", "4", "6", "0", "9"],
    outputs: ["2", "8", "12", "0", "18"],
  },
};

const TRACES: Texts["traces"] = {
  deduction: "<think>\n x=x*3#21\n if x>12:x=x-9#12\n x=x%5#2\n return 14-x#12<ans>12",
  abduction: "<think>\n return sum(x)#[1,3]\n x=x[1:]#[4,1,3]\n x=x[::-1]#[3,1,4]<ans>[3,1,4]",
  induction: "<ans>def f(x):\n return x*2",
};

/** Run length in milliseconds of each phase. */
const SPENT = {
  propose: 612,
  verify: 38,
  solve: 894,
  reward: 2,
  advantage: 1,
  update: 171,
  evaluate: 300,
};

/** The whole run, live events included. */
export function* scriptedRun(script: Script): Generator<TrainEvent> {
  const { programs, traces } = script.texts ?? { programs: PROGRAMS, traces: TRACES };
  const rng = createRng(script.seed);
  const lengths = new Map<string, number>();
  let ms = 0;
  yield {
    type: "run.start",
    schema: 1,
    method: "azr",
    seed: script.seed,
    steps: script.steps,
    config: { proposals: script.proposals },
    model: { name: "kelvin-nano", family: "llama", parameters: 823_296, layers: 4, hidden: 128, vocabulary: 151 },
    device: "Scripted adapter",
    kernels: {},
  };
  for (let step = 0; step <= script.steps; step++) {
    if (step % 5 === 0) yield* evaluation(step);
    if (step === script.steps) break;
    yield* oneStep(step);
  }
  yield { type: "run.end", reason: "done", step: script.steps, ms };

  function* evaluation(step: number): Generator<TrainEvent> {
    yield { type: "phase.start", phase: "evaluate", step, ms };
    ms += SPENT.evaluate;
    const learned = 1 / (1 + Math.exp(-(step - 30) / 5));
    const accuracy = (from: number, to: number, forced?: number) => ({
      greedy: from + (to - from) * learned,
      sampled: from,
      traceShare: 0.2 + 0.7 * learned,
      tasks: 100,
      ...(forced === undefined ? {} : { forcedTrace: forced }),
    });
    const result = {
      deduction: accuracy(0.34, 0.87, 0.877),
      abduction: accuracy(0.475, 0.85, 0.855),
      induction: accuracy(0.168, 0.15),
    };
    yield { type: "evaluate.result", suite: "in-distribution", measures: ungrouped(result), step, ms };
    yield { type: "phase.end", phase: "evaluate", step, ms };
  }

  function* oneStep(step: number): Generator<TrainEvent> {
    const tracePrior = 0.2 + 0.7 / (1 + Math.exp(-(step - 30) / 6));
    const credits = new Map<string, { ids: string[]; rewards: number[] }>();
    const given: Credit[] = [];
    const valid: ProgramTask[] = [];
    const judged = new Map<string, { verdict: Verdict; reward: number; group: string }>();
    yield* phase("propose", function* () {
      yield* live("proposer", "deduction", `${step}/propose/deduction/0`, programs.deduction.program);
      for (const type of TASK_TYPES) {
        for (let i = 0; i < script.proposals; i++) yield proposal(type, i);
      }
    });
    yield* phase("verify", function* () {
      for (const type of TASK_TYPES) {
        for (let i = 0; i < script.proposals; i++) yield* ruling(type, i);
      }
    });
    yield* phase("solve", function* () {
      const [first] = valid;
      if (first) yield* live("solver", first.type, `${first.id}/probe`, traces[first.type]);
      for (const task of valid) {
        for (let i = 0; i < script.rollouts; i++) yield attempt(task, `${task.id}/probe`, i, "learnability");
        yield attempt(task, `${task.id}/solve`, 0, "train");
      }
    });
    yield* phase("reward", function* () {
      for (const [id, { verdict, reward, group }] of judged) {
        yield { type: "verify.verdict", sampleId: id, verdict, step, ms };
        if (group === "") continue;
        credit(group, id, reward);
        yield { type: "reward.sample", sampleId: id, reward, step, ms };
      }
      for (const task of valid) {
        const probes = [...judged].filter(([id]) => id.startsWith(`${task.id}/probe`));
        const solveRate = probes.filter(([, { reward }]) => reward === 1).length / probes.length;
        const reward = solveRate > 0 && solveRate < 1 ? 1 - solveRate : 0;
        credit(`proposer ${task.type}`, task.id, reward);
        yield { type: "reward.proposal", sampleId: task.id, solveRate, reward, step, ms };
      }
    });
    yield* phase("advantage", function* () {
      for (const [group, { ids, rewards }] of credits) {
        const members = ids.map((id, index) => ({ id, reward: rewards[index] ?? 0, tokens: tokensOf(id) }));
        const credit = normalize(group, members);
        given.push(credit);
        yield { type: "credit.group", credit, step, ms };
      }
    });
    yield* phase("update", function* () {});
    yield {
      type: "step.end",
      metrics: { ...metrics(step, tracePrior), ...lossMetrics(given) },
      timings: Object.fromEntries(SELF_PLAY_PHASES.map(({ name }) => [name, SPENT[name as keyof typeof SPENT]])),
      step,
      ms,
    };

    function* phase(name: keyof typeof SPENT, body: () => Generator<TrainEvent>): Generator<TrainEvent> {
      yield { type: "phase.start", phase: name, step, ms };
      yield* body();
      ms += SPENT[name];
      yield { type: "phase.end", phase: name, step, ms };
    }

    function* live(role: string, taskType: ProgramType, promptId: string, text: string): Generator<TrainEvent> {
      for (const piece of pieces(text)) {
        ms += 10;
        yield { type: "live.tokens", kind: kindOf(role, taskType), promptId, sampleIndex: 0, text: piece, step, ms };
      }
    }

    function proposal(type: ProgramType, index: number): TrainEvent {
      const { reference, program, inputs } = programs[type];
      const text = type === "induction" ? `${inputs.join(";")}<msg>*` : `${program}<in>${inputs[0]}`;
      const id = `${step}/propose/${type}/${index}`;
      const prompt: PromptView = {
        id,
        kind: kindOf("proposer", type),
        text: `${reference}<new>`,
        maxNewTokens: 52,
        reference,
      };
      return { type: "rollout.sample", prompt, sample: sample(`${id}/0`, text), purpose: "train", step, ms };
    }

    function* ruling(type: ProgramType, index: number): Generator<TrainEvent> {
      const sampleId = `${step}/propose/${type}/${index}/0`;
      const refused = rng.next() < (type === "induction" ? 0.3 : 0.08);
      const { program, inputs, outputs } = programs[type];
      if (refused) {
        const verdict: Verdict =
          rng.next() < 0.5
            ? { verdict: "INVALID PROGRAM", reason: "raises IndexError" }
            : { verdict: "DUPLICATE", reason: "this task exists already" };
        yield { type: "verify.verdict", sampleId, verdict, step, ms };
        credit(`proposer ${type}`, sampleId, -0.5);
        return;
      }
      yield {
        type: "verify.verdict",
        sampleId,
        verdict: { verdict: "VALID", reason: "" },
        output: outputs.join(";"),
        step,
        ms,
      };
      const pairs = inputs.map((input, i) => ({ input, output: outputs[i] ?? "" }));
      const task: ProgramTask = {
        id: sampleId,
        type,
        program,
        pairs,
        message: "",
        statements: 3,
        step,
        normalized: program,
      };
      valid.push(task);
      yield { type: "task.add", task, step, ms };
    }

    function attempt(task: ProgramTask, promptId: string, index: number, purpose: SamplePurpose): TrainEvent {
      const trace = task.type !== "induction" && rng.next() < tracePrior;
      const right = rng.next() < (trace ? 0.85 : 0.35);
      const text = trace
        ? right
          ? traces[task.type]
          : traces[task.type].replace(/<ans>.*$/u, "<ans>13")
        : direct(task, right, traces.induction);
      const id = `${promptId}/${index}`;
      const verdict: Verdict = right ? { verdict: "CORRECT", reason: "" } : { verdict: "WRONG", reason: "" };
      judged.set(id, { verdict, reward: right ? 1 : -0.5, group: purpose === "train" ? `solver ${task.type}` : "" });
      const prompt: PromptView = { id: promptId, kind: kindOf("solver", task.type), text: "", maxNewTokens: 72, task };
      return { type: "rollout.sample", prompt, sample: sample(id, text), purpose, step, ms };
    }

    function credit(group: string, id: string, reward: number): void {
      const entry = credits.get(group) ?? { ids: [], rewards: [] };
      entry.ids.push(id);
      entry.rewards.push(reward);
      credits.set(group, entry);
    }
  }

  function tokensOf(id: string): Int32Array {
    return new Int32Array(lengths.get(id) ?? 0);
  }

  function sample(id: string, text: string): SampleView {
    const parts = [...pieces(text), "<eos>"];
    lengths.set(id, parts.length);
    return {
      id,
      text,
      pieces: parts,
      logprobs: parts.map(() => 0 - Math.round(1e4 * rng.next() ** 4) / 1e4),
      stop: "eos",
      trace: text.startsWith("<think>"),
    };
  }

  function metrics(step: number, tracePrior: number): Record<string, number> {
    const wobble = () => (rng.next() - 0.5) * 0.06;
    const byType = (name: string, value: number) =>
      TASK_TYPES.map((type, index) => [`${name}/${type}`, value + wobble() - index * 0.03]);
    return Object.fromEntries([
      ...byType("trace/share", tracePrior).slice(0, 2),
      ...byType("length/completion", 6 + 28 * tracePrior),
      ...byType("reward/solver", tracePrior - 0.3),
      ...byType("reward/proposer", 0.22),
      ...byType("valid/rate", 0.95),
      ...byType("statements/proposed", 2.9 + 0.01 * step),
      ["policy/entropy", 0.5 - step * 0.003 + wobble()],
      ["policy/gradNorm", 0.7 + wobble() * 4],
      ["policy/kl", 0.0006 * step],
      ["tokens/sampled", 9000],
    ]);
  }
}

/** Loss and tokens of a step as its credits make them. */
function lossMetrics(credits: readonly Credit[]): Record<string, number> {
  const parts = credits.flatMap(({ advantages, tokens }) =>
    advantages.map((advantage, index) => ({ advantage, tokens: tokens?.[index] ?? 0 })),
  );
  const trained = parts.filter(({ advantage }) => advantage !== 0);
  const total = trained.reduce((sum, { tokens }) => sum + tokens, 0);
  const loss = trained.reduce((sum, { advantage, tokens }) => sum - (advantage * tokens) / total, 0);
  return { "tokens/trained": total, "policy/loss": loss, "policy/clipFraction": 0 };
}

function direct(task: Task, right: boolean, induction: string): string {
  if (task.type === "induction") return right ? induction : "<ans>def f(x):\n return x+2";
  return `<ans>${right ? (task.type === "deduction" ? task.pairs[0]?.output : task.pairs[0]?.input) : "13"}`;
}

function pieces(text: string): string[] {
  return text.match(/<\w+>|\n |def f\(x\):|return |if |\d+|x=|./gsu) ?? [];
}

/** The tasks that a log leaves behind. */
export function taskBookOf(events: Iterable<TrainEvent>): TaskBook {
  const book = new TaskBook();
  for (const event of events) book.see(event);
  return book;
}
