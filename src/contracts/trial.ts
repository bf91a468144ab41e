/** What visitors try out: answers and tasks of their own, and policies side by side. */
import type { Pair, Task, TaskType, Verdict } from "./data";
import type { SampleView } from "./events";
import type { SamplingOptions } from "./policy";

/** A task as a visitor writes it: the verifier works out the outputs. Induction takes five inputs, the others one. */
export interface TaskDraft {
  readonly type: TaskType;
  readonly program: string;
  readonly inputs: readonly string[];
  /** Induction: the hint; "" elsewhere. */
  readonly message: string;
}

/** The ruling on a draft. */
export interface DraftRuling {
  readonly verdict: Verdict;
  /** The program as the model reads it, without blanks around operators. */
  readonly program: string;
  /** Inputs with the outputs that were seen; empty where nothing ran. */
  readonly pairs: readonly Pair[];
  /** The task, where the verdict is VALID. */
  readonly task: Task | null;
}

/** A suite of held-out tasks, as the page lists it. */
export interface HeldOutSuite {
  readonly name: string;
  readonly tasks: readonly Task[];
}

/** A completion with its verdict. */
export interface JudgedSample extends SampleView {
  readonly verdict: Verdict;
}

/** Sampling one prompt from two policies with the same seed. */
export interface CompareRequest {
  readonly task: Task;
  readonly seed: number;
  readonly samples: number;
  /** 0 is greedy. */
  readonly temperature: number;
  /** Which tokens may be drawn; without it all. */
  readonly cut?: Pick<SamplingOptions, "topK" | "topP" | "minP">;
}

/** Both policies on one prompt; sample i of both was drawn with the same random numbers. */
export interface Comparison {
  readonly prompt: string;
  readonly base: readonly JudgedSample[];
  readonly trained: readonly JudgedSample[];
  /** Finished steps of the trained weights; 0 where both are the same model. */
  readonly steps: number;
}

/** The exported model in ONNX Runtime beside our own engine, both greedy. */
export interface ExportedComparison {
  readonly exported: JudgedSample;
  readonly ours: JudgedSample;
  /** Bytes of the ONNX file. */
  readonly bytes: number;
  readonly steps: number;
}
