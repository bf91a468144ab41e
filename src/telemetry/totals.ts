import {
  type Grouped,
  grouped,
  type Json,
  type Metrics,
  type Phase,
  type PhaseWork,
  type Timings,
  type TrainEvent,
} from "../contracts";
import { displayIn } from "./older-logs";

/** Totals of a whole run: `summary.json`. */
export interface RunSummary {
  readonly method: string;
  readonly model: Json;
  readonly device: string;
  readonly seed: number;
  readonly steps: number;
  readonly config: Json;
  /** Steps with an update, and steps skipped because no sample had an advantage. */
  readonly taken: number;
  readonly skipped: number;
  readonly reason: string;
  /** Held-out measures per suite and subject; null if not measured. */
  readonly before: Readonly<Record<string, Grouped>> | null;
  readonly after: Readonly<Record<string, Grouped>> | null;
  /** Mean seconds per step, whole and per phase. */
  readonly secondsPerStep: number;
  readonly secondsPerPhase: Readonly<Record<Phase, number>>;
  readonly tokensPerSecond: { readonly sampled: number; readonly trained: number };
  readonly verificationsPerSecond: number;
  /** Metrics of the last step. */
  readonly metrics: Metrics;
}

type Started = TrainEvent & { type: "run.start" };

/** Computes a run's totals from its events. Times come from `timings`, never from a clock. */
export class RunTotals {
  private started: Started | null = null;
  private readonly spent = new Map<string, number>();
  private readonly results: { step: number; suite: string; result: Grouped }[] = [];
  private metrics: Metrics = {};
  private taken = 0;
  private skipped = 0;
  private verdicts = 0;
  private verified = 0;
  private sampled = 0;
  private trained = 0;
  private reason = "running";

  see(event: TrainEvent): void {
    switch (event.type) {
      case "run.start":
        this.started = event;
        break;
      case "verify.verdict":
        this.verdicts += event.step < 0 ? 0 : 1;
        break;
      case "step.end":
        this.seeStep(event.metrics, event.timings);
        break;
      case "step.skip":
        this.skipped += 1;
        this.verdicts = 0;
        break;
      case "evaluate.result":
        this.results.push({ step: event.step, suite: event.suite, result: grouped(event.measures) });
        break;
      case "run.end":
        this.reason = event.reason;
        break;
      default:
        break;
    }
  }

  summary(): RunSummary {
    const start = this.started;
    if (!start) throw new Error("a summary needs run.start");
    const { method, seed, steps, config, device } = start;
    const { phases } = displayIn(start);
    const doing = (work: PhaseWork) => phases.filter((phase) => phase.work === work).map(({ name }) => name);
    return {
      ...{ method, model: { ...start.model }, device, seed, steps, config },
      ...{ taken: this.taken + this.skipped, skipped: this.skipped, reason: this.reason },
      ...{ before: this.resultsAt(0), after: this.resultsAt(steps) },
      secondsPerStep: round([...this.spent.values()].reduce((sum, ms) => sum + ms, 0) / 1000 / Math.max(1, this.taken)),
      secondsPerPhase: Object.fromEntries(phases.flatMap(({ name }) => this.meanSeconds(name))),
      tokensPerSecond: {
        sampled: rate(this.sampled, this.ms(doing("writing"))),
        trained: rate(this.trained, this.ms(doing("learning"))),
      },
      verificationsPerSecond: rate(this.verified, this.ms(doing("judging"))),
      metrics: this.metrics,
    };
  }

  private seeStep(metrics: Metrics, timings: Timings): void {
    this.taken += 1;
    this.metrics = metrics;
    this.verified += this.verdicts;
    this.verdicts = 0;
    this.sampled += metrics["tokens/sampled"] ?? 0;
    this.trained += metrics["tokens/trained"] ?? 0;
    for (const [phase, ms] of Object.entries(timings)) this.spent.set(phase, (this.spent.get(phase) ?? 0) + ms);
  }

  private ms(phases: readonly Phase[]): number {
    return phases.reduce((sum, phase) => sum + (this.spent.get(phase) ?? 0), 0);
  }

  private meanSeconds(phase: Phase): [Phase, number][] {
    const ms = this.spent.get(phase);
    return ms === undefined ? [] : [[phase, round(ms / 1000 / this.taken)]];
  }

  private resultsAt(step: number): Record<string, Grouped> | null {
    const found = this.results.filter((one) => one.step === step).map(({ suite, result }) => [suite, result] as const);
    return found.length > 0 ? Object.fromEntries(found) : null;
  }
}

/** Per second, to one decimal; 0 if no time was spent. */
function rate(count: number, ms: number): number {
  return ms > 0 ? Math.round((count / ms) * 1e4) / 10 : 0;
}

function round(seconds: number): number {
  return Math.round(seconds * 1e3) / 1e3;
}
