import type { Metrics, Phase, Role, SamplePurpose, StageEvent, TaskType, Timings, UpdateMetrics } from "../contracts";

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
  readonly role: Role;
  readonly type: TaskType;
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
        this.mean("reward/solver", this.samples.get(event.sampleId)?.type, event.reward);
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
    const { role, type } = prompt;
    this.samples.set(sample.id, { role, type, purpose, program: role === "proposer" ? sample.text : "" });
    this.sampledTokens += sample.logprobs.length;
    if (role !== "solver" || purpose !== "train") return;
    this.mean("length/completion", type, sample.logprobs.length);
    this.mean("trace/share", type, sample.trace ? 1 : 0);
  }

  private seeVerdict(sampleId: string, verdict: string): void {
    const seen = this.samples.get(sampleId);
    if (seen?.purpose !== "train") return;
    if (seen.role === "solver") this.mean("accuracy/solver", seen.type, verdict === "CORRECT" ? 1 : 0);
    else this.seeProposal(seen, verdict);
  }

  private seeProposal({ type, program }: Seen, verdict: string): void {
    // A held-out program is refused by us; it is not invalid.
    this.mean("valid/rate", type, verdict === "VALID" || verdict === "HELD OUT" ? 1 : 0);
    // Induction proposes inputs for existing programs, so its programs say nothing about diversity.
    if (type !== "induction" && (verdict === "VALID" || verdict === "DUPLICATE"))
      this.programs.push(programOf(program));
  }

  private seeProposalReward(sampleId: string, solveRate: number | null, reward: number): void {
    const type = this.samples.get(sampleId)?.type;
    this.mean("reward/proposer", type, reward);
    if (solveRate !== null) this.mean("learnable/share", type, solveRate > 0 && solveRate < 1 ? 1 : 0);
  }

  /** Adds to the metric over all types and to the one of this type. */
  private mean(name: string, type: TaskType | undefined, value: number): void {
    for (const key of type ? [name, `${name}/${type}`] : [name]) {
      const mean = this.means.get(key) ?? new Mean();
      this.means.set(key, mean);
      mean.add(value);
    }
  }
}

function programOf(proposal: string): string {
  return proposal.slice(0, proposal.indexOf("<in>"));
}

/** The learner's metrics of one update, under the names of the charts. */
export function updateMetrics(update: UpdateMetrics, learningRate: number, sequences: number): Metrics {
  return {
    "policy/loss": update.loss,
    "policy/gradNorm": update.gradNorm,
    "policy/entropy": update.entropy,
    "policy/kl": update.klToReference,
    "policy/clipFraction": update.clipFraction,
    "policy/logprobGap": update.logprobGap,
    "policy/learningRate": learningRate,
    "tokens/trained": update.tokens,
    "sequences/trained": sequences,
  };
}
