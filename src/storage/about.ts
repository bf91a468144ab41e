/** `about.json` of a stored run: its row in the list, and which of the two checkpoint folders is valid. */
import * as v from "valibot";
import type { StoredRun } from "../contracts";
import { readText, writeFile } from "./files";
import { RunSchema } from "./saved-run";

const ABOUT = "about.json";

/** A new checkpoint is written beside the last one; naming it in `about.json` makes it valid. */
export const SLOTS = ["checkpoint-a", "checkpoint-b"] as const;
export type Slot = (typeof SLOTS)[number];

/** Contents of `about.json`. */
export interface About extends StoredRun {
  readonly slot: Slot | null;
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const accuracy = v.object({
  greedy: v.number(),
  sampled: v.number(),
  forcedTrace: v.optional(v.number()),
  traceShare: v.number(),
  tasks: v.number(),
});
const result = v.object({
  deduction: v.optional(accuracy),
  abduction: v.optional(accuracy),
  induction: v.optional(accuracy),
});
const AboutSchema = v.object({
  id: v.string(),
  name: v.string(),
  created: v.number(),
  run: RunSchema,
  model: v.object({
    name: v.string(),
    family: v.picklist(["llama", "qwen2", "qwen3"]),
    parameters: v.number(),
    layers: v.number(),
    hidden: v.number(),
    vocabulary: v.number(),
    digest: v.exactOptional(v.string()),
    chat: v.exactOptional(v.picklist(["on", "off"])),
  }),
  device: v.string(),
  steps: count,
  status: v.picklist(["running", "kept", "done", "failed", "recorded"]),
  checkpoint: v.nullable(count),
  before: v.nullable(result),
  after: v.nullable(result),
  slot: v.nullable(v.picklist(SLOTS)),
});

/** null if missing or unreadable: the run was interrupted at its start. */
export async function readAbout(folder: FileSystemDirectoryHandle): Promise<About | null> {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), AboutSchema), await readText(folder, ABOUT));
  return parsed.success ? parsed.output : null;
}

/** Replaces the file in one step. @throws KelvinError "storage" */
export async function writeAbout(folder: FileSystemDirectoryHandle, about: About): Promise<void> {
  await writeFile(folder, ABOUT, JSON.stringify(about));
}
