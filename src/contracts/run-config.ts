import type { LoraConfig } from "./lora";
import type { MethodConfig } from "./method";

/** Steps of a run: weeks of training, and still a number that can be drawn. */
export const MOST_STEPS = 1_000_000;

/** Settings of one run, as the URL and `events.jsonl` store them. */
export interface RunConfig {
  readonly method: string;
  /** Model folder below `models/`, an address, or a folder path in Node; `files:NAME` for files the visitor chose. */
  readonly model: string;
  readonly seed: number;
  readonly steps: number;
  /** Overrides of the method's defaults. */
  readonly overrides: MethodConfig;
  /** Held-out tasks per type to evaluate on: before, every `evaluateEvery` steps, and after. 0 means no evaluation. */
  readonly evaluateTasks: number;
  readonly evaluateEvery: number;
  /** Adapters to train on a frozen base; if absent, the whole model is trained. */
  readonly lora?: LoraConfig;
  /** "off": prompts ignore the model's chat template. If absent, the template is used. */
  readonly chat?: "off";
}

/**
 * A model: a name below `models/`; files of a folder that the visitor chose or dropped; or a folder on a server (or a page of the
 * Hugging Face Hub), downloaded once and stored on the device.
 */
export type ModelChoice = string | { readonly files: readonly File[] } | { readonly url: string };

/** A model downloaded from a server, complete or not, and stored on this device. */
export interface ModelDownload {
  /** Its folder; loads it again. */
  readonly url: string;
  readonly name: string;
  readonly bytes: number;
}
