import {
  type Kind,
  type Lesson,
  type Metrics,
  type Phase,
  PROPOSER,
  roleOf,
  type SamplePurpose,
  SOLVER,
  type StageEvent,
  type TaskType,
  type Timings,
  typeOf,
  type UpdateMetrics,
} from "../contracts";
import { FIRST_LOSS, FIRST_MEAN } from "./loss-share";

/** Sum and count of one metric. */
class Mean {
  private sum = 0;
  private count = 0;
  add(value: number): void {
    this.sum += value;
    this.count += 1;
  }
  get value(): number {
    return this.sum / this.count;
  }
}

/** Facts about a sample of the current step. */
interface Seen {
  readonly role: string;
  readonly type: TaskType | null;
  readonly purpose: SamplePurpose;
  readonly program: string;
}

/**
 * Computes metrics and timings of one step from its events only, so it works for every method: what a method does not do has no
 * metric.
 */
export class StepMeter {
  private readonly means = new Map<string, Mean>();
  private readonly samples = new Map<string, Seen>();
  private readonly programs: string[] = [];
  private readonly own: Record<string, number> = {};
  private readonly started = new Map<Phase, number>();
  private readonly spent = new Map<Phase, number>();
  private sampledTokens = 0;

  /** @param ms working time at the event */
  see(event: StageEvent, ms: number): void {
    switch (event.type) {
      case "phase.start":
        this.started.set(event.phase, ms);
        break;
      case "phase.end":
        this.endPhase(event.phase, ms);
        break;
      case "rollout.sample":
        this.seeSample(event);
        break;
      case "verify.verdict":
        this.seeVerdict(event.sampleId, event.verdict.verdict);
        break;
      case "reward.proposal":
        this.seeProposalReward(event.sampleId, event.solveRate, event.reward);
        break;
      case "reward.sample":
        this.seeReward(event.sampleId, event.reward);
        break;
      case "task.add":
        this.mean("statements/proposed", event.task.type, event.task.statements);
        break;
      case "stage.metrics":
        Object.assign(this.own, event.metrics);
        break;
      default:
        break;
    }
  }

  metrics(): Metrics {
    const means = Object.fromEntries([...this.means].map(([name, mean]) => [name, mean.value]));
    if (this.programs.length > 0) means["unique/share"] = new Set(this.programs).size / this.programs.length;
    return { ...means, "tokens/sampled": this.sampledTokens, ...this.own };
  }

  /** Milliseconds per phase; a phase that occurs twice is summed. */
  timings(): Timings {
    return Object.fromEntries([...this.spent].map(([phase, ms]) => [phase, Math.round(ms * 1000) / 1000]));
  }

  private endPhase(phase: Phase, ms: number): void {
    const start = this.started.get(phase) ?? ms;
    this.spent.set(phase, (this.spent.get(phase) ?? 0) + ms - start);
  }

  private seeSample({ prompt, sample, purpose }: StageEvent & { type: "rollout.sample" }): void {
    const seen = seenOf(prompt.kind, purpose, sample.text);
    const { role, type } = seen;
    this.samples.set(sample.id, seen);
    this.sampledTokens += sample.logprobs.length;
    if (purpose !== "train" || role === PROPOSER) return;
    this.mean(role === SOLVER ? "length/completion" : `length/${role}`, type, sample.logprobs.length);
    if (role === SOLVER) this.mean("trace/share", type, sample.trace ? 1 : 0);
  }

  /** A solver's where the log does not say whose: older ones leave samples out. */
  private seeReward(sampleId: string, reward: number): void {
    const { role = SOLVER, type = null } = this.samples.get(sampleId) ?? {};
    this.mean(`reward/${role}`, type, reward);
  }

  private seeVerdict(sampleId: string, verdict: string): void {
    const seen = this.samples.get(sampleId);
    if (seen?.purpose !== "train") return;
    if (seen.role === PROPOSER) this.seeProposal(seen, verdict);
    else this.mean(`accuracy/${seen.role}`, seen.type, verdict === "CORRECT" ? 1 : 0);
  }

  private seeProposal({ type, program }: Seen, verdict: string): void {
    // A held-out program is refused by us; it is not invalid.
    this.mean("valid/rate", type, verdict === "VALID" || verdict === "HELD OUT" ? 1 : 0);
    // Induction proposes inputs for existing programs, so its programs say nothing about diversity.
    if (type !== "induction" && (verdict === "VALID" || verdict === "DUPLICATE"))
      this.programs.push(programOf(program));
  }

  private seeProposalReward(sampleId: string, solveRate: number | null, reward: number): void {
    const type = this.samples.get(sampleId)?.type ?? null;
    this.mean("reward/proposer", type, reward);
    if (solveRate !== null) this.mean("learnable/share", type, solveRate > 0 && solveRate < 1 ? 1 : 0);
  }

  /** Adds to the metric over all types and to the one of this type. */
  private mean(name: string, type: TaskType | null, value: number): void {
    for (const key of type ? [name, `${name}/${type}`] : [name]) {
      const mean = this.means.get(key) ?? new Mean();
      this.means.set(key, mean);
      mean.add(value);
    }
  }
}

function seenOf(kind: Kind, purpose: SamplePurpose, text: string): Seen {
  const role = roleOf(kind);
  return { role, type: typeOf(kind), purpose, program: role === PROPOSER ? text : "" };
}

function programOf(proposal: string): string {
  return proposal.slice(0, proposal.indexOf("<in>"));
}

/** One update that was made, and the lesson that asked for it. */
export interface Learned {
  readonly lesson: Lesson;
  readonly update: UpdateMetrics;
}

/**
 * The learner's figures of a step, under the names of the charts. Of several updates: means over the tokens they trained on
 * (the gradient's norm and the rate over the updates), sums where things are counted, and how many there were.
 */
export function updateMetrics(learned: readonly Learned[]): Metrics {
  const updates = learned.map(({ update }) => update);
  const tokens = sum(updates, ({ tokens }) => tokens);
  const overTokens = (figure: (update: UpdateMetrics) => number) =>
    updates.length === 1
      ? figure(updates[0] as UpdateMetrics)
      : sum(updates, (one) => figure(one) * one.tokens) / tokens;
  const plain = (total: number) => (learned.length === 1 ? total : total / learned.length);
  return {
    "policy/loss": overTokens(({ loss }) => loss),
    "policy/gradNorm": plain(sum(updates, ({ gradNorm }) => gradNorm)),
    "policy/entropy": overTokens(({ entropy }) => entropy),
    "policy/kl": overTokens(({ klToReference }) => klToReference),
    "policy/clipFraction": overTokens(({ clipFraction }) => clipFraction),
    "policy/logprobGap": overTokens(({ logprobGap }) => logprobGap),
    "policy/learningRate": plain(sum(learned, ({ lesson }) => lesson.learningRate)),
    "tokens/trained": tokens,
    "sequences/trained": sum(learned, ({ lesson }) => lesson.sequences.length),
    ...(learned.length > 1 && { "policy/updates": learned.length }),
    ...firstUpdate(learned),
  };
}

/**
 * What a sample's term of the first update's loss is divided by (0 if that loss is no token mean), and that loss. Left out where
 * the step has one update, a mean over the tokens it trains on.
 */
function firstUpdate(learned: readonly Learned[]): Metrics {
  const [first] = learned;
  if (!first) return {};
  const { lesson, update } = first;
  const isMean = lesson.loss.kind === "policy-gradient" && lesson.loss.aggregation === "token-mean";
  const over = isMean ? (lesson.over?.tokens ?? update.tokens) : 0;
  if (learned.length === 1 && over === update.tokens) return {};
  return { [FIRST_MEAN]: over, [FIRST_LOSS]: update.loss };
}

function sum<T>(items: readonly T[], figure: (item: T) => number): number {
  return items.reduce((total, item) => total + figure(item), 0);
}
