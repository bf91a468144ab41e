import { type At, isProposer, type Phase, type Preference, type TrainEvent, type Verdict } from "../contracts";
import { counted } from "./counts";
import { countFlags } from "./flags";
import { displayIn } from "./older-logs";
import { countSafety } from "./safety";
import { emptyStep, initialState, type RunState, type SampleRecord, type StepState } from "./state";

type Of<T extends TrainEvent["type"]> = Extract<TrainEvent, { readonly type: T }>;

/** Maps and lists that one call of `reduceAll` made: it may change them in place, because no caller has them yet. */
type Own = WeakSet<object>;

/**
 * The only function that changes run state. Pure: equal logs give equal states. `live.*` events leave the state unchanged, so a
 * log without them gives the same run.
 */
export function reduce(state: RunState, event: TrainEvent): RunState {
  return apply(state, event);
}

function apply(state: RunState, event: TrainEvent, own?: Own): RunState {
  switch (event.type) {
    case "live.prepared":
    case "live.tokens":
    case "live.progress":
      return state;
    case "run.start":
      return start(event);
    case "run.end":
      return { ...state, status: event.reason, message: event.message ?? "", active: null, ms: event.ms };
    default:
      return reduceStep(enter(state, event), event, own);
  }
}

/** Reduces many events; copies samples, credits and history once instead of once per event. */
export function reduceAll(state: RunState, events: Iterable<TrainEvent>): RunState {
  const own: Own = new WeakSet();
  let next = state;
  for (const event of events) next = apply(next, event, own);
  return next;
}

/** The state after a whole log. */
export function replayState(events: Iterable<TrainEvent>): RunState {
  return reduceAll(initialState, events);
}

function start(event: Of<"run.start">): RunState {
  const { type: _, schema: __, ...said } = event;
  return { ...initialState, header: { ...said, display: displayIn(event) }, status: "running" };
}

/** Updates the time; the first event of another step starts that step. */
function enter(state: RunState, at: At): RunState {
  if (at.step === state.current.step) return { ...state, ms: at.ms };
  return { ...state, ms: at.ms, previous: state.current, current: emptyStep(at.step) };
}

type StepEvent = Exclude<
  TrainEvent,
  { readonly type: "live.prepared" | "live.tokens" | "live.progress" | "run.start" | "run.end" }
>;

function reduceStep(state: RunState, event: StepEvent, own?: Own): RunState {
  switch (event.type) {
    case "phase.start":
      return { ...state, active: { phase: event.phase, since: event.ms } };
    case "phase.end":
      return endPhase(state, event.phase, event.ms);
    case "rollout.sample":
      return addSample(state, event, own);
    case "verify.verdict":
      return rule(state, event, own);
    case "reward.proposal":
      return amend(state, event.sampleId, { reward: event.reward, solveRate: event.solveRate }, own);
    case "reward.sample":
      return amend(state, event.sampleId, { reward: event.reward }, own);
    case "preference":
      return { ...state, preferences: state.preferences + 1, preference: preferenceIn(event) };
    case "task.add":
      return { ...state, tasks: counted(state.tasks, event.task.type) };
    case "credit.group":
      return inStep(state, { credits: withItem(state.current.credits, event.credit, own) });
    case "step.end":
      return endStep(state, event, own);
    case "step.skip":
      return inStep(state, { skipped: event.reason });
    case "evaluate.result": {
      const { suite, step, measures } = event;
      return { ...state, evaluations: withItem(state.evaluations, { suite, step, measures }, own) };
    }
    default:
      event satisfies never;
      return state;
  }
}

function inStep(state: RunState, change: Partial<StepState>): RunState {
  return { ...state, current: { ...state.current, ...change } };
}

function preferenceIn({ a, b, chosen, by, expected }: Of<"preference">): Preference {
  return { a, b, chosen, by, expected };
}

function endPhase(state: RunState, phase: Phase, ms: number): RunState {
  const since = state.active?.phase === phase ? state.active.since : ms;
  const spent = (state.current.phases[phase] ?? 0) + ms - since;
  return inStep({ ...state, active: null }, { phases: { ...state.current.phases, [phase]: spent } });
}

/** Held-out samples are skipped to save memory: `evaluate.result` summarises them. */
function addSample(state: RunState, event: Of<"rollout.sample">, own?: Own): RunState {
  const { prompt, sample, purpose } = event;
  if (purpose === "evaluate") return state;
  const flagged = countFlags(state.flagged, sample.id, sample.text);
  const seen = flagged === state.flagged ? state : { ...state, flagged };
  return inStep(seen, { samples: withEntry(state.current.samples, sample.id, { prompt, sample, purpose }, own) });
}

function rule(state: RunState, event: Of<"verify.verdict">, own?: Own): RunState {
  const record = state.current.samples.get(event.sampleId);
  if (!record) return state;
  const amended = amend(state, event.sampleId, { verdict: event.verdict, output: event.output }, own);
  const next = { ...amended, safety: countSafety(state.safety, record.prompt.kind, event.verdict) };
  return isProposer(record.prompt) ? countRuling(next, event.verdict) : next;
}

function countRuling(state: RunState, { verdict }: Verdict): RunState {
  return { ...state, rulings: counted(state.rulings, verdict) };
}

function amend(state: RunState, id: string, change: Partial<SampleRecord>, own?: Own): RunState {
  const record = state.current.samples.get(id);
  if (!record) return state;
  return inStep(state, { samples: withEntry(state.current.samples, id, { ...record, ...change }, own) });
}

function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V, own?: Own): ReadonlyMap<K, V> {
  const copy = own?.has(map) ? (map as Map<K, V>) : new Map(map);
  own?.add(copy);
  return copy.set(key, value);
}

function withItem<T>(list: readonly T[], item: T, own?: Own): readonly T[] {
  const copy = own?.has(list) ? (list as T[]) : [...list];
  own?.add(copy);
  copy.push(item);
  return copy;
}

function endStep(state: RunState, event: Of<"step.end">, own?: Own): RunState {
  const { step, ms, metrics, timings } = event;
  const history = withItem(state.history, { step, ms, metrics, timings }, own);
  return inStep({ ...state, active: null, history }, { ended: true });
}
