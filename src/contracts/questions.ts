/** Questions that the page may ask the trainer during a run: one question, one answer. */

import type { Json, PairRow, Task, Verdict } from "./data";
import type { FailureReason } from "./errors";
import type { LoraConfig } from "./lora";
import type { ModelSheet } from "./model-sheet";
import type { ModelChoice, ModelDownload, RunConfig } from "./run-config";
import type { CompareRequest, Comparison, DraftRuling, ExportedComparison, HeldOutSuite, TaskDraft } from "./trial";

/**
 * Every question by name, with the types of question and answer. To add one, add an entry here and its answer in
 * src/workers/answers.ts; both sides are then typed.
 */
export interface Questions {
  /** Facts about a model, and what this method would train of it, before its weights are downloaded. */
  readonly inspect: {
    readonly asks: {
      readonly model: ModelChoice;
      readonly lora: LoraConfig | null;
      readonly run: Pick<RunConfig, "method" | "overrides">;
    };
    readonly answer: ModelSheet;
  };
  /** The variant chosen for each operation, after comparison on the device. */
  readonly kernels: { readonly asks: null; readonly answer: Json };
  /** Judges one answer. Works during a run and without a model. */
  readonly judge: { readonly asks: { readonly task: Task; readonly answer: string }; readonly answer: Verdict };
  /** Checks whether this may become a task called `id`. `known` are the tasks that it must differ from. */
  readonly draft: {
    readonly asks: { readonly draft: TaskDraft; readonly id: string; readonly known: readonly Task[] };
    readonly answer: DraftRuling;
  };
  /**
   * Reads JSON lines of pairs, `file` is their name in messages; the verifier runs their programs. The answer has all outputs.
   * Refused with the first line that is no pair. Works during a run and without a model.
   */
  readonly pairs: {
    readonly asks: { readonly file: string; readonly text: string };
    readonly answer: readonly PairRow[];
  };
  /** Downloaded models stored on this device. */
  readonly downloads: { readonly asks: null; readonly answer: readonly ModelDownload[] };
  /** Deletes a download. A model in use stays loaded; it is downloaded again when it is next needed. */
  readonly removeDownload: { readonly asks: { readonly url: string }; readonly answer: null };
  /** The first tasks of every held-out suite. */
  readonly heldOut: { readonly asks: null; readonly answer: readonly HeldOutSuite[] };
  /** Answered between two steps: a paused run first finishes its step. */
  readonly compare: { readonly asks: CompareRequest; readonly answer: Comparison };
  /** Compares the exported model with ours, also between two steps. */
  readonly exported: { readonly asks: { readonly task: Task }; readonly answer: ExportedComparison };
}
export type QuestionName = keyof Questions;

/** From the page: a question. The answer repeats `id`. */
export interface Ask<K extends QuestionName = QuestionName> {
  readonly type: "ask";
  readonly id: number;
  readonly question: K;
  readonly asks: Questions[K]["asks"];
}

/** From the trainer: the answer, or the reason for its absence. */
export type Answer =
  | { readonly type: "answer"; readonly id: number; readonly answer: unknown }
  | {
      readonly type: "refusal";
      readonly id: number;
      readonly reason: FailureReason | "input";
      readonly message: string;
      readonly hint: string;
    };
