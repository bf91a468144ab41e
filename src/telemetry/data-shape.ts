/** Schemas of the nouns that logs, checkpoints and the list of kept runs share. */
import * as v from "valibot";
import {
  LORA_TARGETS,
  type LoraConfig,
  type LoraTarget,
  loraProblem,
  type Measure,
  type ModelInfo,
  type Task,
  type TaskType,
} from "../contracts";
import { count, name, only, shape, share, step, text, whole, words } from "./schema";

export const taskType = words<TaskType>({ deduction: true, abduction: true, induction: true, integration: true });

/** Most measures of one evaluation. */
const MOST_MEASURES = 100;
const measureName = v.custom<string>(
  (value) => typeof value === "string" && /^[\w-]{1,40}(?:\/[\w-]{1,40})?$/u.test(value),
  "letters, digits and at most one slash",
);

export const measures: v.GenericSchema<unknown, readonly Measure[]> = v.pipe(
  v.array(only<Measure>({ name: measureName, value: share, n: count }), "a list"),
  v.maxLength(MOST_MEASURES, `at most ${MOST_MEASURES} measures`),
);

export const modelInfo = shape<ModelInfo>({
  name,
  family: words({ llama: true, qwen2: true, qwen3: true }),
  parameters: count,
  layers: count,
  hidden: count,
  vocabulary: count,
  digest: v.exactOptional(name),
  chat: v.exactOptional(words({ on: true, off: true })),
});

/** Refuses adapters that cannot be trained. */
export const loraConfig = v.pipe(
  shape<LoraConfig>({
    rank: whole(1, 1024),
    alpha: v.custom<number>((value) => Number.isFinite(value) && Number(value) > 0, "a number above 0"),
    targets: v.array(v.picklist(LORA_TARGETS, `one of ${LORA_TARGETS.join()}`), "a list") as v.GenericSchema<
      unknown,
      readonly LoraTarget[]
    >,
    base: v.exactOptional(words({ float32: true, float16: true })),
  }),
  v.check((lora) => loraProblem(lora) === null, "adapters as --lora takes them"),
);

const pair = shape({ input: text, output: text });
export const task = shape<Task>({
  id: name,
  type: taskType,
  program: text,
  pairs: v.pipe(v.array(pair, "a list"), v.maxLength(1000, "at most 1000 pairs")),
  message: text,
  statements: count,
  step,
  normalized: text,
  parent: v.exactOptional(name),
});
