/** `run.json` of a checkpoint: everything but weights and optimizer. Node's folder and the browser use the same file. */
import * as v from "valibot";
import { type Json, KelvinError, type MethodConfig, MOST_STEPS, type RunConfig, type TrainState } from "../contracts";
import { loraConfig } from "../telemetry/data-shape";
import {
  count,
  faultIn,
  flag,
  flat,
  jsonIn,
  milliseconds,
  name,
  shape,
  texts,
  whole,
  words,
} from "../telemetry/schema";

/** A run's configuration in files. */
export const runSchema = shape<RunConfig>({
  method: name,
  model: name,
  seed: count,
  steps: whole(1, MOST_STEPS),
  overrides: flat<MethodConfig>(),
  evaluateTasks: count,
  evaluateEvery: count,
  lora: v.exactOptional(loraConfig),
  chat: v.exactOptional(words({ off: true })),
});

/** The state as it is written: its memory is a list of names and values. */
interface WrittenState extends Omit<TrainState, "memory"> {
  readonly memory: readonly (readonly [string, Json])[];
}

const isEntry = (value: unknown) => Array.isArray(value) && value.length === 2 && typeof value[0] === "string";
const entry = v.custom<readonly [string, Json]>(isEntry, "a name and a value");

const savedSchema = shape<Omit<SavedRun, "state"> & { readonly schema: 1; readonly state: WrittenState }>({
  schema: v.literal(1),
  run: runSchema,
  suites: texts,
  state: shape<WrittenState>({
    step: whole(0, MOST_STEPS),
    prepared: flag,
    elapsed: milliseconds,
    memory: v.array(entry, "a list"),
  }),
  events: count,
});

/** A checkpoint's `run.json`: the run and its state. */
export interface SavedRun {
  readonly run: RunConfig;
  /** Suites named on the command line; empty for the model's own. */
  readonly suites: readonly string[];
  readonly state: TrainState;
  /** Lines of the log at the checkpoint. */
  readonly events: number;
}

/** The file's text. */
export function writeSavedRun({ run, suites, state, events }: SavedRun): string {
  return JSON.stringify({ schema: 1, run, suites, state: { ...state, memory: [...state.memory] }, events });
}

/** @param place name of the file in error messages. @throws KelvinError "input" */
export function readSavedRun(text: string, place: string, hint: string): SavedRun {
  const record = jsonIn(text);
  const fault = faultIn(savedSchema, record);
  if (fault) {
    const where = fault.field === "" ? "it" : `“${fault.field}”`;
    throw new KelvinError("input", `${place} is damaged: ${where} is not ${fault.expected}.`, hint);
  }
  const { run, suites, state, events } = v.parse(savedSchema, record);
  return { run, suites, events, state: { ...state, memory: new Map(state.memory) } };
}
