/** What the page may ask the trainer beside its run: one question, one answer. */
import type { FailureReason } from "./commands";
import type { Json } from "./data";

/**
 * Every question by name: what is asked, and what is answered. A view that needs another adds an entry here and its
 * answer in src/workers/answers.ts; both sides are then typed.
 */
export interface Questions {
  /** Which variant of each operation the device was given, after both were compared on it. */
  readonly kernels: { readonly asks: null; readonly answer: Json };
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
