/**
 * One job from its program to its result: which of its inputs share a heap image, and how much time each may take. Closed like
 * interpreterModule, because workers receive its text.
 */
import type { Job, JobResult, Limits, Outcome, Report, Stop } from "./jobs";

/** The guard accepted the program and waits to run it. */
export interface Ready {
  readonly status: "ready";
  readonly pure: boolean;
  /** Address of the counter of steps. */
  readonly meter: number;
  /** Argument lists of the variations. */
  readonly probes: readonly string[];
  readonly inputs: readonly string[];
  readonly keys: readonly string[];
  readonly source: string;
  readonly normalized: string;
}

/** Outcomes and steps, one of each per input. */
export interface Ran {
  readonly results: readonly Outcome[];
  readonly polls: readonly number[];
}

/** The guard's answer to a job before it runs. */
export type Prepared =
  | Ready
  | Exclude<Report, { status: "ran" }>
  | { readonly status: "stopped"; readonly outcome: Outcome };

/** The interpreter, as a job uses it. */
export interface JobHost {
  /** Reads and compiles the program in the current heap. */
  prepare(job: Job, limits: Limits, shared: boolean): Prepared;
  /** Runs the prepared program on all inputs, on the first, or on the variations. An outcome: all of it was stopped. */
  run(ready: Ready, which: "all" | "first" | "varied", limits: Limits): Ran | Outcome;
  /** Writes the image of this hash seed over the heap. */
  reset(seed: number): void;
  /** Time of the last call, without the time that other work had the processor. */
  usedMilliseconds(): number;
  pollsOfInput(): number;
  /** Most polls of an input since the job began. */
  mostPolls(): number;
  /** Whether linear memory is larger than the image of this hash seed. */
  isGrown(seed: number): boolean;
}

/** A job that runs once, in one of two ways. */
export interface JobRun {
  /** In an image that pure programs have used. Returns false if this job needs its own; then nothing of it counts. */
  runShared(): boolean;
  /** A pure program with all inputs in one fresh image, any other program with a fresh image per input. */
  runAlone(): void;
  result(): JobResult;
  /** Whether the next pure program may use this heap: only pure or refused programs have touched it. */
  isShareable(): boolean;
}

/** Interface of the closed function below. */
export interface JobRunModule {
  /** `report` receives the result so far before each input that may never end. */
  create(host: JobHost, job: Job, limits: Limits, report: (progress: JobResult) => void): JobRun;
}

/** Everything is inside one function, because workers receive its text. */
export function jobRunModule(): JobRunModule {
  /** A program that takes longer runs again in an image of its own, at the cost of this. */
  const SHARED_MILLISECONDS = 250;

  const isOutcome = (ran: Ran | Outcome): ran is Outcome => Array.isArray(ran);

  class Run implements JobRun {
    private readonly start = performance.now();
    private used = 0;
    /** Of `used`, what does not count against the current input. */
    private usedByOthers = 0;
    private readonly results: Outcome[] = [];
    private readonly polls: number[] = [];
    private readonly varied: Outcome[] = [];
    private ready: Ready | null = null;
    private refusal: Report | null = null;
    /** How all inputs together were stopped. */
    private stopped: Outcome | null = null;
    /** The heap may hold what an impure program left. */
    private dirty = false;

    constructor(
      private readonly host: JobHost,
      private readonly job: Job,
      private readonly limits: Limits,
      private readonly report: (progress: JobResult) => void,
    ) {}

    runShared(): boolean {
      const prepared = this.prepare(true);
      if (prepared.status === "refused" || prepared.status === "read") return true;
      if (prepared.status !== "ready" || !prepared.pure || !this.runTogether(prepared, SHARED_MILLISECONDS))
        return false;
      this.vary(prepared);
      return true;
    }

    runAlone(): void {
      const { job } = this;
      this.host.reset(job.seed);
      const prepared = this.prepare(false);
      if (prepared.status !== "ready") return;
      if (!prepared.pure || job.isolate) this.runApart(prepared);
      else if (!this.runTogether(prepared) && !this.runAgain()) return;
      this.vary(prepared);
    }

    private prepare(shared: boolean): Prepared {
      const prepared = this.host.prepare(this.job, this.remaining(), shared);
      this.spend();
      if (prepared.status === "ready") this.ready ??= prepared;
      else if (prepared.status === "stopped") this.results.push(prepared.outcome);
      else this.refusal = prepared;
      return prepared;
    }

    /** Returns false if a limit stopped it: then it must run in an image of its own, or each input must. */
    private runTogether(prepared: Ready, most = Number.POSITIVE_INFINITY): boolean {
      const { polls, milliseconds } = this.remaining();
      const ran = this.host.run(prepared, "all", { polls, milliseconds: Math.min(milliseconds, most) });
      this.spend();
      if (isOutcome(ran)) {
        this.stopped = ran;
        return false;
      }
      for (const outcome of ran.results) this.results.push(outcome);
      for (const polls of ran.polls) this.polls.push(polls);
      return true;
    }

    /** After a limit stopped all inputs together. The only input of a job has had its run already. */
    private runAgain(): boolean {
      this.dirty = true;
      if (this.stopped && this.job.inputs.length === 1) {
        this.results.push(this.stopped);
        this.polls.push(this.host.pollsOfInput());
        return true;
      }
      this.host.reset(this.job.seed);
      const prepared = this.prepare(false);
      if (prepared.status !== "ready") return false;
      this.runApart(prepared);
      return true;
    }

    /** The first input in the image where the job is prepared, every other in a fresh one. */
    private runApart(prepared: Ready): void {
      for (const [index, input] of this.job.inputs.entries()) {
        if (this.job.ownTime) this.usedByOthers = this.used;
        if (this.job.inputs.length > 1) this.report(this.resultWith("hang"));
        const [outcome, polls] =
          index === 0 ? this.runFirst(prepared) : this.runFresh({ ...this.job, inputs: [input] });
        this.results.push(outcome);
        this.polls.push(polls);
        if (this.job.untilFault && outcome[0] !== "ok") return;
      }
    }

    /** The variations, if every input gave an output in few enough steps. */
    private vary(prepared: Ready): void {
      const { job } = this;
      if (prepared.probes.length === 0 || this.results.some(([kind]) => kind !== "ok")) return;
      if (this.polls.some((polls) => polls > job.varyBelow)) return;
      if (prepared.pure && !job.isolate && !this.dirty && this.varyTogether(prepared)) return;
      const plain = { ...job, twice: false, settle: false };
      for (const probe of prepared.probes) {
        this.report(this.resultWith("hang"));
        this.varied.push(this.runFresh({ ...plain, inputs: [probe] })[0]);
      }
    }

    private varyTogether(prepared: Ready): boolean {
      const ran = this.host.run(prepared, "varied", this.remaining());
      this.spend();
      this.dirty = isOutcome(ran);
      if (isOutcome(ran)) return false;
      for (const outcome of ran.results) this.varied.push(outcome);
      return true;
    }

    private runFirst(prepared: Ready): [Outcome, number] {
      this.dirty = true;
      const ran = this.host.run(prepared, "first", this.remaining());
      this.spend();
      return isOutcome(ran) ? [ran, this.host.pollsOfInput()] : [ran.results[0] as Outcome, ran.polls[0] ?? 0];
    }

    private runFresh(job: Job): [Outcome, number] {
      if (this.remaining().milliseconds <= 0) return [["stopped", "time", "the program's time is spent"], 0];
      this.host.reset(this.job.seed);
      const prepared = this.host.prepare({ ...job, probe: "", describe: false }, this.remaining(), false);
      this.spend();
      if (prepared.status === "ready") return this.runFirst(prepared);
      return [prepared.status === "stopped" ? prepared.outcome : ["stopped", "trap", "could not be read again"], 0];
    }

    private spend(): void {
      this.used += this.host.usedMilliseconds();
    }

    private remaining(): Limits {
      const { milliseconds, polls } = this.limits;
      return { polls, milliseconds: Math.min(milliseconds, this.job.milliseconds - (this.used - this.usedByOthers)) };
    }

    private resultWith(stop: Stop): JobResult {
      const last: Outcome = ["stopped", stop, ""];
      const varying = this.results.length === this.job.inputs.length;
      const unfinished = (this.ready?.probes.length ?? 0) - this.varied.length;
      const varied = varying ? [...this.varied, ...Array.from({ length: unfinished }, () => last)] : [];
      return this.resultOf(varying ? this.results : [...this.results, last], varied);
    }

    private resultOf(results: readonly Outcome[], varied: readonly Outcome[]): JobResult {
      const stopped = results.find((outcome) => outcome[0] === "stopped");
      const probes =
        this.ready?.probes.slice(0, varied.length).map((probe, index) => [probe, varied[index]!] as const) ?? [];
      const { pure = false, inputs = [], keys = [], source = "", normalized = "" } = this.ready ?? {};
      const polls = [...this.polls];
      return {
        report: this.refusal ?? { status: "ran", pure, results, polls, probes, inputs, keys, source, normalized },
        stop: stopped?.[1] ?? null,
        detail: stopped?.[2] ?? "",
        polls: this.host.mostPolls(),
        milliseconds: Math.min(this.used, performance.now() - this.start),
        grown: this.host.isGrown(this.job.seed),
      };
    }

    result(): JobResult {
      return this.resultOf(this.results, this.varied);
    }

    isShareable(): boolean {
      if (this.refusal) return this.refusal.status === "refused" && this.refusal.reason !== "too big";
      return this.ready?.pure === true && !this.dirty && !this.results.some(([kind]) => kind === "stopped");
    }
  }

  return { create: (host, job, limits, report) => new Run(host, job, limits, report) };
}
