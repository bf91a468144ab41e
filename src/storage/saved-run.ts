/** `run.json` of a checkpoint: everything but weights and optimizer. Node's folder and the browser use the same file. */
import * as v from "valibot";
import { type Json, KelvinError, LORA_TARGETS, type RunConfig } from "../contracts";
import type { TrainState } from "../train";

const setting = v.union([v.number(), v.string(), v.boolean()]);
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A run's configuration in files. */
export const RunSchema = v.object({
  method: v.string(),
  model: v.string(),
  seed: v.number(),
  steps: count,
  overrides: v.record(v.string(), setting),
  evaluateTasks: count,
  evaluateEvery: count,
  lora: v.exactOptional(
    v.object({
      rank: count,
      alpha: v.number(),
      targets: v.pipe(v.array(v.picklist(LORA_TARGETS)), v.minLength(1)),
      base: v.exactOptional(v.picklist(["float32", "float16"])),
    }),
  ),
  chat: v.exactOptional(v.literal("off")),
});

const SavedSchema = v.object({
  schema: v.literal(1),
  run: RunSchema,
  suites: v.array(v.string()),
  state: v.object({
    step: count,
    prepared: v.boolean(),
    elapsed: v.number(),
    memory: v.array(v.tuple([v.string(), v.unknown()])),
  }),
  /** Lines of the log at the checkpoint. */
  events: count,
});

/** A checkpoint's `run.json`: the run and its state. */
export interface SavedRun {
  readonly run: RunConfig;
  /** Suites named on the command line; empty for the model's own. */
  readonly suites: readonly string[];
  readonly state: TrainState;
  readonly events: number;
}

/** The file's text. */
export function writeSavedRun({ run, suites, state, events }: SavedRun): string {
  return JSON.stringify({ schema: 1, run, suites, state: { ...state, memory: [...state.memory] }, events });
}

/** @param place name of the file in error messages. @throws KelvinError "input" */
export function readSavedRun(text: string, place: string, hint: string): SavedRun {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), SavedSchema), text);
  if (!parsed.success) throw new KelvinError("input", `${place} is damaged: ${parsed.issues[0].message}`, hint);
  const { run, suites, state, events } = parsed.output;
  return { run, suites, events, state: { ...state, memory: new Map(state.memory as [string, Json][]) } };
}
