/** Makes a log small enough to ship. What it still says stays true. */
import { isSolver, SOLVER, type Thinned, type TrainEvent, type Verdict } from "../contracts";
import { countSafety } from "./safety";
import { initialState } from "./state";

/** How much of each step and task type stays. */
export interface ThinOptions {
  /** Number of tasks whose attempts all stay, mixed outcomes first. */
  readonly wholeTasks: number;
  /** Further answers that stay, in order of arrival. */
  readonly answers: number;
}

type SampleEvent = Extract<TrainEvent, { readonly type: "rollout.sample" }>;

/** The attempts at one task in one step. */
interface Attempts {
  readonly samples: SampleEvent[];
  right: number;
  judged: number;
}

/**
 * Removes solver samples with their verdicts and rewards, and rounds log-probabilities. `run.start` says how many were removed
 * and by which rule. Proposals, their verdicts, credit (including the rewards of removed samples), metrics and evaluations stay,
 * and so does every sample that the safety sheet counts. The state rebuilt from it differs from the whole log's only in the
 * samples of its steps. A log that would keep every sample is returned unchanged. Pure: equal logs, equal results.
 */
export function thin(events: readonly TrainEvent[], options: ThinOptions): TrainEvent[] {
  const kept = chooseSamples(events, options);
  const all = new Set(events.flatMap((event) => (event.type === "rollout.sample" ? [event.sample.id] : [])));
  if (kept.size === all.size) return [...events];
  const answers = `all attempts at ${options.wholeTasks} tasks and ${options.answers} more answers`;
  const rule = `every proposal; per step and task type ${answers}; log p to ${1 / PER_NAT}`;
  const thinned: Thinned = { kept: kept.size, of: all.size, rule };
  const stays = (id: string | null) => id === null || kept.has(id) || !all.has(id);
  return events.filter((event) => stays(solverSampleOf(event))).map((event) => shorten(event, thinned));
}

/** Log-probabilities are shown with two decimals; more digits would only add bytes. */
const PER_NAT = 1000;

function shorten(event: TrainEvent, thinned: Thinned): TrainEvent {
  if (event.type === "run.start") return { ...event, thinned };
  if (event.type !== "rollout.sample") return event;
  const logprobs = event.sample.logprobs.map((value) => Math.round(value * PER_NAT) / PER_NAT);
  return { ...event, sample: { ...event.sample, logprobs } };
}

/** The solver sample that an event belongs to; null if the event stays in any case. */
function solverSampleOf(event: TrainEvent): string | null {
  if (event.type === "rollout.sample") return event.sample.id;
  return event.type === "verify.verdict" || event.type === "reward.sample" ? event.sampleId : null;
}

function chooseSamples(events: readonly TrainEvent[], options: ThinOptions): Set<string> {
  const verdicts = new Map(
    events.flatMap((event) => (event.type === "verify.verdict" ? [[event.sampleId, event.verdict] as const] : [])),
  );
  const kept = new Set<string>();
  const shelves = new Map<string, SampleEvent[]>();
  for (const event of events) {
    if (event.type !== "rollout.sample") continue;
    const { prompt, sample, step } = event;
    const always = !isSolver(prompt) || event.purpose === "evaluate";
    if (always || isCounted(verdicts.get(sample.id))) kept.add(sample.id);
    const shelf = `${step} ${prompt.kind}`;
    if (isSolver(prompt) && event.purpose !== "evaluate") shelves.set(shelf, [...(shelves.get(shelf) ?? []), event]);
  }
  for (const samples of shelves.values())
    for (const { sample } of choose(samples, verdicts, options)) kept.add(sample.id);
  return kept;
}

/** Whether the safety sheet counts a solver's sample. */
function isCounted(verdict: Verdict | undefined): boolean {
  if (!verdict) return false;
  const { attacks, stops } = countSafety(initialState.safety, SOLVER, verdict);
  return Object.keys(attacks).length + Object.keys(stops).length > 0;
}

/** Chooses among the solver samples of one step and type: all attempts at the highest-ranked tasks, then answers in order. */
function choose(
  samples: readonly SampleEvent[],
  verdicts: ReadonlyMap<string, Verdict>,
  { wholeTasks, answers }: ThinOptions,
): SampleEvent[] {
  const whole = rank(gather(samples, verdicts)).slice(0, wholeTasks);
  const chosen = new Set(whole.flatMap((attempts) => attempts.samples));
  const trained = samples.filter((event) => event.purpose === "train" && !chosen.has(event));
  return [...chosen, ...trained.slice(0, answers)];
}

function gather(samples: readonly SampleEvent[], verdicts: ReadonlyMap<string, Verdict>): Attempts[] {
  const tasks = new Map<string, Attempts>();
  for (const event of samples) {
    const id = event.prompt.task?.id ?? event.prompt.id;
    const attempts = tasks.get(id) ?? { samples: [], right: 0, judged: 0 };
    tasks.set(id, attempts);
    attempts.samples.push(event);
    attempts.judged += 1;
    if (verdicts.get(event.sample.id)?.verdict === "CORRECT") attempts.right += 1;
  }
  return [...tasks.values()];
}

/** Sometimes solved before always or never, trained before only rated, many attempts before few; then in order of arrival. */
function rank(tasks: readonly Attempts[]): Attempts[] {
  const worth = ({ samples, right, judged }: Attempts) =>
    (right > 0 && right < judged ? 1000 : 0) +
    (samples.some(({ purpose }) => purpose === "train") ? 100 : 0) +
    Math.min(samples.length, 99);
  return [...tasks].sort((a, b) => worth(b) - worth(a));
}
