/** What the page shows of a method. The method declares it, and the first event of each of its runs carries it. */

/** What goes on in a phase; times and rates are told apart by it. */
export type PhaseWork = "writing" | "judging" | "comparing" | "learning" | "measuring";

/** One stop on the way of a step. */
export interface PhaseInfo {
  /** What `phase.start` says. */
  readonly name: string;
  readonly work: PhaseWork;
  /** On the path: "Verify". */
  readonly title: string;
  /** Over the note: "The verifier rules". */
  readonly heading: string;
  /** What happens now, in two or three sentences with figures; the form is that of src/telemetry/note.ts. */
  readonly note: string;
  /** The same in a few words, for a room. */
  readonly caption: string;
}

/** A curve: which metric it reads, on which range, and what it means. */
export interface GaugeInfo {
  readonly name: string;
  readonly title: string;
  /** One line under the curve. */
  readonly short: string;
  /** One sentence in the dialog. */
  readonly meaning: string;
  /** Metric key. */
  readonly metric: string;
  /** One line for each of these endings of the key, `metric/ending`; absent: one line. */
  readonly split?: readonly string[];
  /** Range of the axis; it doubles at the top when a value leaves it, and never shrinks. */
  readonly range: readonly [number, number];
  readonly decimals: number;
  /** The word that explains it: one of the glossary, or of the method's own. */
  readonly term: string;
}

/** One entry of the glossary; its text uses the markup of Learn. */
export interface Word {
  readonly title: string;
  /** One or two sentences; the popover shows all of it. */
  readonly text: string;
  /** Neighbours worth reading next. */
  readonly see?: readonly string[];
}

/**
 * What draws the samples of a step: "tasks" a task with the proposal that made it and the attempts at it, "text" prompts and
 * what was written. A page that does not know a name draws text.
 */
export type StageName = "tasks" | "text";

/** What tells a method how good a sample is: Python, the model's own answers, examples, or somebody's taste. */
export type Teacher = "interpreter" | "itself" | "examples" | "you";

/** All of it. */
export interface MethodDisplay {
  readonly title: string;
  /** In the order of a step; "evaluate" is the loop's own and not among them. */
  readonly phases: readonly PhaseInfo[];
  readonly gauges: readonly GaugeInfo[];
  /** Words that the method adds to the glossary. */
  readonly words: Readonly<Record<string, Word>>;
  readonly stage: StageName;
  /** Absent: an interpreter. */
  readonly teacher?: Teacher;
}
