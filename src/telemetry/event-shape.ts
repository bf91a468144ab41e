/**
 * What every event of a log must hold, so that what reads one need not look again: logs come from outside. The compiler
 * compares each schema with the type of its event, field by field: a field that is added there has to be added here.
 */
import * as v from "valibot";
import {
  ATTACK_GROUPS,
  type AttackGroup,
  type Choice,
  type Credit,
  type GaugeInfo,
  type Json,
  type MethodDisplay,
  MOST_STEPS,
  type PhaseInfo,
  type PhaseWork,
  type PromptView,
  type SamplePurpose,
  type SampleView,
  type ShownProgram,
  type StageName,
  type StopReason,
  type Teacher,
  type Thinned,
  type Timings,
  type TrainEvent,
  type Verdict,
  type VerdictName,
  type Word,
} from "../contracts";
import { loraConfig, measures, modelInfo, task } from "./data-shape";
import { isNote } from "./note";
import {
  count,
  counts,
  each,
  type Fault,
  faultIn,
  figure,
  figures,
  finite,
  flag,
  isFigure,
  loose,
  milliseconds,
  name,
  shape,
  share,
  step,
  text,
  texts,
  whole,
  words,
} from "./schema";

type Logged = Exclude<TrainEvent["type"], "live.prepared" | "live.tokens" | "live.progress">;
type Event<K extends Logged> = Extract<TrainEvent, { readonly type: K }>;

/** What a method declares to be shown is written by hand and stays shorter than this. */
const MOST_SHOWN = 256;

function listOf<T>(of: v.GenericSchema<unknown, T>): v.GenericSchema<unknown, readonly T[]> {
  return v.pipe(v.array(of, "a list"), v.maxLength(MOST_SHOWN, `at most ${MOST_SHOWN} of them`));
}

/** A note of a phase, whose brackets are closed. */
const template = v.pipe(text, v.check(isNote, "a note whose brackets and figures are closed"));

const prompt = shape<PromptView>({
  id: name,
  kind: name,
  role: v.exactOptional(name),
  type: v.exactOptional(name),
  text,
  maxNewTokens: count,
  task: v.exactOptional(task),
  reference: v.exactOptional(text),
  about: v.exactOptional(loose<Json>()),
  parent: v.exactOptional(name),
});

const phaseInfo = shape<PhaseInfo>({
  name,
  work: words<PhaseWork>({ writing: true, judging: true, comparing: true, learning: true, measuring: true }),
  title: name,
  heading: name,
  note: template,
  caption: template,
});

/** Its top is doubled until every value fits. */
const axis = v.pipe(
  v.strictTuple([finite, finite], "two numbers"),
  v.check(([low, high]) => low < high && high > 0, "the lower number first, the upper one above 0"),
) as v.GenericSchema<unknown, readonly [number, number]>;

const gauge = shape<GaugeInfo>({
  name,
  title: name,
  short: name,
  meaning: text,
  metric: name,
  split: v.exactOptional(texts),
  range: axis,
  decimals: whole(0, 10),
  term: name,
});

const word = shape<Word>({ title: name, text, see: v.exactOptional(texts) });

/** A stage that this version does not know is drawn as text. */
const display = shape<MethodDisplay>({
  title: name,
  phases: listOf(phaseInfo),
  gauges: listOf(gauge),
  words: v.pipe(v.record(name as v.GenericSchema<string, string>, word), v.maxEntries(MOST_SHOWN)),
  stage: name as v.GenericSchema<unknown, StageName>,
  teacher: v.exactOptional(words<Teacher>({ interpreter: true, itself: true, examples: true, you: true })),
});

const sample = shape<SampleView>({
  id: name,
  text,
  pieces: texts,
  logprobs: figures,
  entropies: v.exactOptional(figures),
  stop: words<StopReason>({ eos: true, length: true, stop: true }),
  trace: flag,
});

const verdictName = words<VerdictName>({
  CORRECT: true,
  WRONG: true,
  "INVALID ANSWER": true,
  VALID: true,
  "INVALID PROGRAM": true,
  NONDETERMINISTIC: true,
  STATEFUL: true,
  "LIMIT steps": true,
  "LIMIT time": true,
  "LIMIT memory": true,
  CRASH: true,
  HANG: true,
  DENIED: true,
  "TRIVIAL constant": true,
  "TRIVIAL identity": true,
  "TRIVIAL statement": true,
  LEAK: true,
  "TOO LONG": true,
  "TOO HEAVY": true,
  FORMAT: true,
  DUPLICATE: true,
  "HELD OUT": true,
  "OUT OF DOMAIN": true,
});

const attack = v.custom<AttackGroup>(
  (value) => typeof value === "string" && Object.hasOwn(ATTACK_GROUPS, value),
  `one of ${Object.keys(ATTACK_GROUPS).join(", ")}`,
);
const verdict = shape<Verdict>({ verdict: verdictName, reason: text, attack: v.exactOptional(attack) });

/** Every list of a credit says something of the same samples. */
const credit = v.pipe(
  shape<Credit>({
    group: name,
    mean: figure,
    deviation: figure,
    sampleIds: texts,
    rewards: figures,
    advantages: figures,
    tokens: v.exactOptional(counts),
    divisor: v.exactOptional(shape<NonNullable<Credit["divisor"]>>({ value: figure, what: text })),
    over: v.exactOptional(v.literal("tokens")),
  }),
  v.check(
    ({ sampleIds: { length }, rewards, advantages, tokens }) =>
      rewards.length === length && advantages.length === length && (tokens?.length ?? length) === length,
    "lists of one length",
  ),
);

const metrics = each(isFigure, "a number that is finite, or null");
const timings = each(
  (value): value is number => Number.isFinite(value) && Number(value) >= 0,
  "milliseconds",
) as v.GenericSchema<unknown, Timings>;
const thinned = shape<Thinned>({ kept: count, of: count, rule: text });

const shownProgram = shape<ShownProgram>({ program: text, input: text, output: text });

/** An event with its time. */
const timed = { step, ms: milliseconds };
const typed = <K extends Logged>(type: K) => v.literal(type) as v.GenericSchema<unknown, K>;

const SHAPES: { readonly [K in Logged]: v.GenericSchema<unknown, Event<K>> } = {
  "run.start": shape<Event<"run.start">>({
    type: typed("run.start"),
    schema: v.literal(1),
    method: name,
    seed: count,
    steps: whole(1, MOST_STEPS),
    config: loose<Json>(),
    model: modelInfo,
    device: name,
    kernels: loose<Json>(),
    lora: v.exactOptional(loraConfig),
    thinned: v.exactOptional(thinned),
    pairs: v.exactOptional(count),
    display: v.exactOptional(display),
  }),
  "phase.start": shape<Event<"phase.start">>({ type: typed("phase.start"), ...timed, phase: name }),
  "phase.end": shape<Event<"phase.end">>({ type: typed("phase.end"), ...timed, phase: name }),
  "rollout.sample": shape<Event<"rollout.sample">>({
    type: typed("rollout.sample"),
    ...timed,
    prompt,
    sample,
    purpose: words<SamplePurpose>({ train: true, learnability: true, evaluate: true }),
  }),
  "verify.verdict": shape<Event<"verify.verdict">>({
    type: typed("verify.verdict"),
    ...timed,
    sampleId: name,
    verdict,
    output: v.exactOptional(text),
  }),
  "reward.proposal": shape<Event<"reward.proposal">>({
    type: typed("reward.proposal"),
    ...timed,
    sampleId: name,
    solveRate: v.nullable(share),
    reward: finite,
  }),
  "reward.sample": shape<Event<"reward.sample">>({
    type: typed("reward.sample"),
    ...timed,
    sampleId: name,
    reward: finite,
  }),
  "task.add": shape<Event<"task.add">>({ type: typed("task.add"), ...timed, task }),
  preference: shape<Event<"preference">>({
    type: typed("preference"),
    ...timed,
    a: shownProgram,
    b: shownProgram,
    chosen: words<Choice>({ a: true, b: true }),
    by: name,
    expected: v.nullable(share),
  }),
  "credit.group": shape<Event<"credit.group">>({ type: typed("credit.group"), ...timed, credit }),
  "step.end": shape<Event<"step.end">>({ type: typed("step.end"), ...timed, metrics, timings }),
  "step.skip": shape<Event<"step.skip">>({ type: typed("step.skip"), ...timed, reason: text }),
  "evaluate.result": shape<Event<"evaluate.result">>({
    type: typed("evaluate.result"),
    ...timed,
    suite: name,
    measures,
    result: v.exactOptional(loose()),
  }),
  "run.end": shape<Event<"run.end">>({
    type: typed("run.end"),
    ...timed,
    reason: words({ done: true, stopped: true, failed: true }),
    message: v.exactOptional(text),
  }),
};

/** An event of a kind that this version does not know: it is small, and has its time. */
const UNKNOWN = shape<{ readonly type: string; readonly step: number; readonly ms: number }>({ type: name, ...timed });

/** What is wrong with an event, and what it should have been. */
export interface EventFault extends Fault {
  readonly kind: string;
}

/** The field of an event that is missing or of another kind; null where all is well. */
export function faultOf(event: { readonly type: string }): EventFault | null {
  const isKnown = Object.hasOwn(SHAPES, event.type);
  const fault = faultIn(isKnown ? SHAPES[event.type as Logged] : UNKNOWN, event);
  return fault && { ...fault, kind: isKnown ? event.type : "event" };
}

/** NaN was written as null: back to what the types say. The event is changed in place: it has just been read. */
export function restoreFigures(event: TrainEvent): void {
  if (event.type === "step.end") nullsToNaN(event.metrics, Object.keys(event.metrics));
  if (event.type === "rollout.sample") eachToNaN(event.sample.logprobs, event.sample.entropies);
  if (event.type !== "credit.group") return;
  nullsToNaN(event.credit, ["mean", "deviation"]);
  eachToNaN(event.credit.rewards, event.credit.advantages);
}

function nullsToNaN(place: object, keys: readonly string[]): void {
  const values = place as Record<string, unknown>;
  for (const key of keys) if (values[key] === null) values[key] = Number.NaN;
}

function eachToNaN(...lists: readonly (readonly (number | null)[] | undefined)[]): void {
  for (const list of lists as readonly ((number | null)[] | undefined)[])
    for (let i = list?.indexOf(null) ?? -1; list && i >= 0; i = list.indexOf(null, i)) list[i] = Number.NaN;
}
