/** What visitors can try: their own answers and tasks, and two policies side by side. */
import type { Pair, Task, TaskType, Verdict } from "./data";
import type { SampleView } from "./events";
import type { SamplingOptions } from "./policy";

/** A task as a visitor writes it; the verifier computes the outputs. Induction takes five inputs, other types one. */
export interface TaskDraft {
  readonly type: TaskType;
  readonly program: string;
  readonly inputs: readonly string[];
  /** Induction: the hint. Other types: "". */
  readonly message: string;
}

/** The verdict on a draft. */
export interface DraftRuling {
  readonly verdict: Verdict;
  /** The program as the model reads it: no spaces around operators. */
  readonly program: string;
  /** Inputs with the observed outputs; empty if nothing ran. */
  readonly pairs: readonly Pair[];
  /** The task; null unless the verdict is VALID. */
  readonly task: Task | null;
}

/** A suite of held-out tasks, as the page lists it. */
export interface HeldOutSuite {
  readonly name: string;
  readonly tasks: readonly Task[];
  /** Its programs are longer than those of training. */
  readonly isLong?: boolean;
}

/** A completion with its verdict. */
export interface JudgedSample extends SampleView {
  readonly verdict: Verdict;
}

/** A request to sample one prompt from two policies with the same seed. */
export interface CompareRequest {
  readonly task: Task;
  readonly seed: number;
  readonly samples: number;
  /** 0 is greedy. */
  readonly temperature: number;
  /** Which tokens may be drawn; all if absent. */
  readonly cut?: Pick<SamplingOptions, "topK" | "topP" | "minP">;
}

/** Samples of both policies on one prompt. Sample i of both used the same random numbers. */
export interface Comparison {
  readonly prompt: string;
  readonly base: readonly JudgedSample[];
  readonly trained: readonly JudgedSample[];
  /** Finished steps of the trained weights; 0 if both policies are the same. */
  readonly steps: number;
}

/** Greedy output of the exported model in ONNX Runtime, and of our own engine. */
export interface ExportedComparison {
  readonly exported: JudgedSample;
  readonly ours: JudgedSample;
  /** Bytes of the ONNX file. */
  readonly bytes: number;
  readonly steps: number;
}
