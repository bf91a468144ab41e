/** What the page may ask the trainer beside its run: one question, one answer. */
import type { FailureReason, ModelChoice, ModelDownload, RunConfig } from "./commands";
import type { Json, Task, Verdict } from "./data";
import type { LoraConfig } from "./lora";
import type { ModelSheet } from "./model-sheet";
import type { CompareRequest, Comparison, DraftRuling, ExportedComparison, HeldOutSuite, TaskDraft } from "./trial";

/**
 * Every question by name: what is asked, and what is answered. A view that needs another adds an entry here and its
 * answer in src/workers/answers.ts; both sides are then typed.
 */
export interface Questions {
  /** What a model is, and what this method would train of it, before its weights are fetched. */
  readonly inspect: {
    readonly asks: {
      readonly model: ModelChoice;
      readonly lora: LoraConfig | null;
      readonly run: Pick<RunConfig, "method" | "overrides">;
    };
    readonly answer: ModelSheet;
  };
  /** Which variant of each operation the device was given, after both were compared on it. */
  readonly kernels: { readonly asks: null; readonly answer: Json };
  /** Is this answer right? While a run goes on too, and without a model. */
  readonly judge: { readonly asks: { readonly task: Task; readonly answer: string }; readonly answer: Verdict };
  /** May this become a task called `id`? `known` are the tasks it must differ from. */
  readonly draft: {
    readonly asks: { readonly draft: TaskDraft; readonly id: string; readonly known: readonly Task[] };
    readonly answer: DraftRuling;
  };
  /** Fetched models that take up room on this device. */
  readonly downloads: { readonly asks: null; readonly answer: readonly ModelDownload[] };
  /** Makes room; the model in use goes on, and is fetched again when it is next loaded. */
  readonly removeDownload: { readonly asks: { readonly url: string }; readonly answer: null };
  /** The first tasks of every held-out suite, to choose from. */
  readonly heldOut: { readonly asks: null; readonly answer: readonly HeldOutSuite[] };
  /** Between two steps: a paused run first finishes its step. */
  readonly compare: { readonly asks: CompareRequest; readonly answer: Comparison };
  /** The same: the exported model beside ours. */
  readonly exported: { readonly asks: { readonly task: Task }; readonly answer: ExportedComparison };
}
export type QuestionName = keyof Questions;

/** Down: a question; `id` comes back with its answer. */
export interface Ask<K extends QuestionName = QuestionName> {
  readonly type: "ask";
  readonly id: number;
  readonly question: K;
  readonly asks: Questions[K]["asks"];
}

/** Up: what was answered, or why it could not be. */
export type Answer =
  | { readonly type: "answer"; readonly id: number; readonly answer: unknown }
  | {
      readonly type: "refusal";
      readonly id: number;
      readonly reason: FailureReason | "input";
      readonly message: string;
      readonly hint: string;
    };
