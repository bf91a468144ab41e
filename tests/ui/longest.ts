/** A made-up run in which every value is as long as a run can make it, with kept runs and answers of the same kind. */
import type {
  Command,
  Comparison,
  Json,
  JudgedSample,
  ListedRun,
  MethodInfo,
  ModelInfo,
  Questions,
  Reply,
  RunLibrary,
  Task,
  TrainEvent,
} from "../../src/contracts";
import { SELF_PLAY_PHASES, USUAL_GAUGES } from "../../src/contracts";
import { ReplaySource } from "../../src/ui/replay-source";
import { scriptedRun, type Texts } from "./scripted-run";

/** The run stands here: six digits in every step. */
const FIRST_STEP = 123_456;
const PLANNED = 1_000_000;
/** As long as a name on the Hub may be, 96 characters, and nowhere to break it. */
const LONG_NAME = `Organisation${"Of".repeat(18)}/Model${"WithAName".repeat(4)}_Q16`;
const DEVICE =
  "ANGLE (NVIDIA Corporation, NVIDIA GeForce RTX 4090 Laptop GPU (0x00002757) Direct3D11 vs_5_0 ps_5_0, D3D11-32.0.15.6094)";

const model: ModelInfo = {
  name: LONG_NAME,
  family: "qwen3",
  parameters: 12_345_678_901,
  layers: 128,
  hidden: 16_384,
  vocabulary: 262_144,
  digest: "0123456789abcdef".repeat(4),
};

const numbers = (count: number) =>
  `[${Array.from({ length: count }, (_, i) => (i % 2 ? -1 : 1) * (999_999 - i)).join(",")}]`;
const LONG_LINE =
  "    result=[(position*value+accumulated)%1000003 for position,value in enumerate(x) if value!=position and value%3==1]";
const LONG_PROGRAM = [
  "def f(x):",
  " accumulated=0",
  ...Array.from({ length: 9 }, (_, i) => ` if len(x)>${i}:accumulated=accumulated*31+x[${i}]`),
  LONG_LINE.replace("    ", " "),
  " return result",
].join("\n");

const texts: Texts = {
  programs: {
    deduction: {
      reference: LONG_PROGRAM.replace("31", "37"),
      program: LONG_PROGRAM,
      inputs: [numbers(24)],
      outputs: [numbers(20)],
    },
    abduction: {
      reference: "def f(x):\n return x-1",
      program: "def f(x):\n x=x*3-987654321\n return x%-100000000",
      inputs: ["-123456789"],
      outputs: ["-98765432"],
    },
    induction: {
      reference: `def f(x):\n return '${"w".repeat(60)}'*x`,
      program: `def f(x):\n return '${"w".repeat(60)}'*x`,
      inputs: [numbers(5), numbers(6), numbers(7), "-12345678", "'a b'"],
      outputs: [numbers(6), numbers(7), numbers(8), "-99999999", `'${"W".repeat(48)}'`],
    },
  },
  traces: {
    deduction: `<think>\n accumulated=0#0\n${Array.from({ length: 9 }, (_, i) => ` x=x*31+${i}#${numbers(4)}\n`).join("")}<ans>${numbers(20)}`,
    abduction: "<think>\n return x%-100000000#-98765432\n x=x*3-987654321#-1358024688<ans>-123456789",
    induction: `<ans>def f(x):\n y='${"w".repeat(60)}'\n z=${numbers(12)}\n return y*x+str(z)`,
  },
};

const TYPES = ["deduction", "abduction", "induction"] as const;
const byType = (name: string, values: readonly number[]) => TYPES.map((type, i) => [`${name}/${type}`, values[i] ?? 0]);
const METRICS: Readonly<Record<string, number>> = Object.fromEntries([
  ...byType("trace/share", [1, 0.9999, -0.0001]),
  ...byType("length/completion", [123_456, 234_567, 345_678]),
  ...byType("reward/solver", [-0.4999, -0.9999, -0.0001]),
  ...byType("reward/proposer", [-0.4999, -0.4999, -0.4999]),
  ...byType("valid/rate", [1, 1, 0.9999]),
  ...byType("statements/proposed", [123.4, 234.5, 345.6]),
  ["policy/entropy", 12.4765],
  ["policy/kl", 12_345.6789],
  ["policy/gradNorm", 1_234_567.891],
  ["policy/loss", -0.0001],
  ["tokens/sampled", 123_456_789],
  ["tokens/trained", 98_765_432],
]);
/** Nearly an hour for each phase. */
const PHASE_MS = 3_599_499;
const REASON = `raises ${"VeryLong".repeat(7)}Error: ${"x".repeat(40)} is not what it seems`;

/** The whole run, its first step far on. */
export function longestRun(): TrainEvent[] {
  return [...scriptedRun({ seed: 7, steps: 40, proposals: 6, rollouts: 7, texts })].map(lengthen);
}

function lengthen(event: TrainEvent): TrainEvent {
  const at = "step" in event ? { ...event, step: event.step + FIRST_STEP } : event;
  switch (at.type) {
    case "run.start":
      return { ...at, seed: 999_999_999, steps: PLANNED, model, device: DEVICE };
    case "step.end":
      return {
        ...at,
        metrics: { ...at.metrics, ...METRICS },
        timings: Object.fromEntries(Object.keys(at.timings).map((phase) => [phase, PHASE_MS])),
      };
    case "verify.verdict":
      return at.verdict.verdict === "VALID" || at.verdict.verdict === "CORRECT"
        ? at
        : { ...at, verdict: { ...at.verdict, reason: REASON } };
    case "task.add":
      return { ...at, task: { ...at.task, step: at.task.step + FIRST_STEP, statements: 123 } };
    case "evaluate.result":
      return { ...at, suite: "fresh-out-of-distribution", measures: accuracy(at.step === FIRST_STEP ? 0 : 1) };
    default:
      return at;
  }
}

/** Settings with the longest names and values there are. */
const method: MethodInfo = {
  name: "azr",
  title: "Absolute Zero",
  summary: "A recorded run.",
  defaults: {
    rejectNondeterministic: true,
    rewardSource: "verifier",
    learningRate: -0.000123456789,
    exampleRule: "historical-variance",
  },
  describe: { rewardSource: "What pays: the verifier, or a coin that is thrown for every answer." },
  choices: { rewardSource: ["verifier", "random"] },
  presets: { small: { learningRate: 1 } },
  display: { title: "Absolute Zero", phases: SELF_PLAY_PHASES, gauges: USUAL_GAUGES, words: {}, stage: "tasks" },
};

const sample = (text: string, right: boolean): JudgedSample => ({
  id: text,
  text,
  pieces: text.match(/<\w+>|\s+|\w+|./gsu) ?? [],
  logprobs: (text.match(/<\w+>|\s+|\w+|./gsu) ?? []).map(() => -99.9999),
  stop: "length",
  trace: text.startsWith("<think>"),
  verdict: right ? { verdict: "CORRECT", reason: "" } : { verdict: "INVALID ANSWER", reason: REASON },
});

const tasks: Task[] = TYPES.map((type) => {
  const { program, inputs, outputs } = texts.programs[type];
  const pairs = inputs.map((input, i) => ({ input, output: outputs[i] ?? "" }));
  return { id: `held/${type}`, type, program, pairs, message: "", statements: 123, step: -1, normalized: program };
});

const samples = [0, 1, 2, 3].flatMap((i) => TYPES.map((type) => sample(texts.traces[type], i % 2 === 0)));
const comparison: Comparison = { prompt: LONG_PROGRAM, base: samples, trained: samples, steps: FIRST_STEP };

/** Answers to what the page asks a trainer; the others stay open. */
const ANSWERS: { readonly [Q in keyof Questions]?: Questions[Q]["answer"] } = {
  heldOut: [
    { name: "fresh-out-of-distribution", tasks },
    { name: "one-shot-candidates", tasks },
  ],
  compare: comparison,
  exported: {
    exported: samples[0] as JudgedSample,
    ours: samples[2] as JudgedSample,
    bytes: 123_456_789_012,
    steps: FIRST_STEP,
  },
  kernels: Object.fromEntries(
    ["matmul", "attention"].map((name) => [name, { variant: "v".repeat(60), ms: 1234.5678 }]),
  ) as Json,
  downloads: [
    {
      url: `https://huggingface.co/${LONG_NAME}/resolve/${"0123456789".repeat(4)}/`,
      name: LONG_NAME,
      bytes: 123_456_789_012,
    },
  ],
  judge: { verdict: "WRONG", reason: REASON },
  inspect: {
    ...model,
    trained: 12_345_678_901,
    intermediate: 65_536,
    queryHeads: 128,
    keyHeads: 128,
    contextLength: 1_048_576,
    tied: false,
    lora: { rank: 1024, alpha: 2048.5, targets: ["q", "k", "v", "o", "gate", "up", "down"], base: "float16" } as never,
    need: Object.fromEntries(
      ["weights", "gradients", "optimizer", "reference", "activations", "cache", "scratch", "total"].map((name) => [
        name,
        987_654_321_012,
      ]),
    ) as never,
    savedByHalves: 123_456_789_012,
  },
};

/** Plays the run, and answers questions as a trainer would. */
export class LongestSource extends ReplaySource {
  private say: (reply: Reply) => void = () => {};

  override listen(onReply: (reply: Reply) => void): void {
    this.say = (reply) => onReply(reply.type === "ready" ? { ...reply, methods: [method] } : reply);
    super.listen(this.say);
  }

  override send(command: Command): void {
    if (command.type !== "ask") super.send(command);
    const answer = command.type === "ask" ? ANSWERS[command.question] : undefined;
    if (command.type === "ask" && answer !== undefined)
      queueMicrotask(() => this.say({ type: "answer", id: command.id, answer }));
  }
}

/** Names of 80 characters, the most that a visitor can give, with and without a place to break them. */
const NAMES = [
  "W".repeat(80),
  "a run whose name says all there is to say about it, and then goes on for a while".padEnd(80, "!"),
  "kelvin",
];

const accuracy = (greedy: number) =>
  TYPES.flatMap((type) =>
    [
      [`${type}/greedy`, greedy],
      [`${type}/forcedComplete`, greedy],
      [`${type}/traceShare`, 1],
    ].map(([name, value]) => ({ name: String(name), value: Number(value), n: 123_456 })),
  );

function listed(name: string, index: number): ListedRun {
  return {
    id: `run-${index}`,
    name,
    created: Date.UTC(2026, 11, 28, 22, 48),
    run: {
      method: "azr",
      model: index === 1 ? `files:${LONG_NAME}` : LONG_NAME,
      seed: 999_999_999,
      steps: PLANNED,
      overrides: {},
      evaluateTasks: 1,
      evaluateEvery: 1,
    },
    model,
    device: DEVICE,
    steps: FIRST_STEP,
    status: (["kept", "failed", "recorded"] as const)[index] ?? "done",
    checkpoint: FIRST_STEP - 1,
    before: accuracy(1),
    after: accuracy(0.0004),
    bytes: 123_456_789_012,
    busy: index === 2,
  };
}

/** Kept runs that cannot be changed. */
export function longestLibrary(events: readonly TrainEvent[]): RunLibrary {
  const log = new Blob([events.map((event) => JSON.stringify(event)).join("\n")]);
  const never = () => new Promise<never>(() => {});
  return {
    list: async () => NAMES.map(listed),
    unreadable: async () => [],
    usage: async () => ({ used: 123_456_789_012, granted: 987_654_321_012 }),
    rightAnswers: async () => [],
    log: async () => log,
    rename: never,
    remove: never,
    export: never,
    import: never,
  };
}
