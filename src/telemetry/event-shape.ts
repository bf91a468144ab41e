/** The required fields of every event. Logs come from outside; after this check readers can rely on the types. */
import { PHASES, ROLES, TASK_TYPES, type TrainEvent } from "../contracts";

/** Path of the first wrong value; null if all are right. */
type Check = (value: unknown) => string | null;

const when =
  (holds: (value: unknown) => boolean): Check =>
  (value) =>
    holds(value) ? null : "";

const text = when((value) => typeof value === "string");
const flag = when((value) => typeof value === "boolean");
const number = when((value) => typeof value === "number");
/** JSON has no infinities or NaN: they were written as null. */
const figure = when((value) => typeof value === "number" || value === null);
const anything: Check = () => null;
const oneOf = (words: readonly string[]): Check => when((value) => words.includes(value as string));

function optional(check: Check): Check {
  return (value) => (value === undefined ? null : check(value));
}

function list(check: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return "";
    const fault = value.findIndex((item) => check(item) !== null);
    return fault < 0 ? null : `${fault}`;
  };
}

/** An object with these fields and possibly others. */
function fields(checks: Readonly<Record<string, Check>>): Check {
  const entries = Object.entries(checks);
  return (value) => {
    if (typeof value !== "object" || value === null) return "";
    for (const [name, check] of entries) {
      const fault = check((value as Readonly<Record<string, unknown>>)[name]);
      if (fault !== null) return fault === "" ? name : `${name}.${fault}`;
    }
    return null;
  };
}

/** An object whose fields all pass the same check. */
function each(check: Check): Check {
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return "";
    return Object.entries(value).find(([, item]) => check(item) !== null)?.[0] ?? null;
  };
}

const phase = oneOf([...PHASES, "evaluate"]);
const task = fields({
  id: text,
  type: oneOf(TASK_TYPES),
  program: text,
  pairs: list(fields({ input: text, output: text })),
  message: text,
  statements: number,
  step: number,
});
const prompt = fields({ id: text, role: oneOf(ROLES), type: oneOf(TASK_TYPES), text, task: optional(task) });
const sample = fields({ id: text, text, pieces: list(text), logprobs: list(figure), stop: text, trace: flag });
const credit = fields({
  group: text,
  mean: figure,
  deviation: figure,
  sampleIds: list(text),
  rewards: list(figure),
  advantages: list(figure),
  tokens: optional(list(number)),
});
const accuracy = fields({ greedy: number, sampled: number, traceShare: number, tasks: number });
const model = fields({ name: text, family: text, parameters: number, layers: number, hidden: number });

type Logged = Exclude<TrainEvent["type"], "live.tokens" | "live.progress">;

const SHAPES: Readonly<Record<Logged, Check>> = {
  "run.start": fields({ method: text, seed: number, steps: number, config: anything, model, device: text }),
  "phase.start": fields({ phase }),
  "phase.end": fields({ phase }),
  "rollout.sample": fields({ prompt, sample, purpose: oneOf(["train", "learnability", "evaluate"]) }),
  "verify.verdict": fields({ sampleId: text, verdict: fields({ verdict: text, reason: text }) }),
  "reward.proposal": fields({ sampleId: text, solveRate: figure, reward: number }),
  "reward.sample": fields({ sampleId: text, reward: number }),
  "task.add": fields({ task }),
  "credit.group": fields({ credit }),
  "step.end": fields({ metrics: each(figure), timings: each(number) }),
  "step.skip": fields({ reason: text }),
  "evaluate.result": fields({ suite: text, result: each(accuracy) }),
  "run.end": fields({ reason: oneOf(["done", "stopped", "failed"]), message: optional(text) }),
};

/** Path of the first missing or wrong field of a logged event; null if it is valid or its type is unknown. */
export function faultOf(event: { readonly type: string }): string | null {
  return Object.hasOwn(SHAPES, event.type) ? SHAPES[event.type as Logged](event) : null;
}
