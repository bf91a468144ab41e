/** Schemas of the nouns that logs, checkpoints and the list of kept runs share. */
import * as v from "valibot";
import {
  type Accuracy,
  LORA_TARGETS,
  type LoraConfig,
  type LoraTarget,
  loraProblem,
  type ModelInfo,
  type SuiteResult,
  type Task,
  type TaskType,
} from "../contracts";
import { count, name, only, shape, share, step, text, whole, words } from "./schema";

export const taskType = words<TaskType>({ deduction: true, abduction: true, induction: true });

const accuracy = shape<Accuracy>({
  greedy: share,
  sampled: share,
  forcedTrace: v.exactOptional(share),
  traceShare: share,
  tasks: count,
});

/** Only the known task types: the accuracy of others would be dropped silently. */
export const suiteResult = only<SuiteResult>({
  deduction: v.exactOptional(accuracy),
  abduction: v.exactOptional(accuracy),
  induction: v.exactOptional(accuracy),
});

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
