/** `about.json` of a stored run: its row in the list, and which of the two checkpoint folders is valid. */
import * as v from "valibot";
import { KelvinError, type StoredRun, ungrouped } from "../contracts";
import { measures, modelInfo } from "../telemetry/data-shape";
import { count, type Fault, faultIn, jsonIn, name, number, shape, words } from "../telemetry/schema";
import { readText, writeFile } from "./files";
import { runSchema } from "./saved-run";

const ABOUT = "about.json";

/** A new checkpoint is written beside the last one; naming it in `about.json` makes it valid. */
export const SLOTS = ["checkpoint-a", "checkpoint-b"] as const;
export type Slot = (typeof SLOTS)[number];

/** Contents of `about.json`. */
export interface About extends StoredRun {
  readonly slot: Slot | null;
}

/** What is written and what is read back: a run that this refuses would be stored and never listed. */
const aboutSchema = shape<About>({
  id: name,
  name,
  // Later than this no calendar goes.
  created: number(0, 8.64e15),
  run: runSchema,
  model: modelInfo,
  device: name,
  steps: count,
  status: words({ running: true, kept: true, done: true, failed: true, recorded: true }),
  checkpoint: v.nullable(count),
  before: v.nullable(measures),
  after: v.nullable(measures),
  slot: v.nullable(words({ "checkpoint-a": true, "checkpoint-b": true })),
});

/** What is known of a stored run, or why it cannot be read. */
export type Read = { readonly about: About; readonly why?: never } | { readonly about: null; readonly why: string };

/** A run that was interrupted at its start has no `about.json`; one of another version may have another. */
export async function readAbout(folder: FileSystemDirectoryHandle): Promise<Read> {
  const text = await readText(folder, ABOUT);
  if (text === null) return { about: null, why: "it was never finished: its record is missing" };
  const record = modernAbout(jsonIn(text));
  const fault = faultIn(aboutSchema, record);
  return fault ? { about: null, why: `its record is damaged${at(fault)}` } : { about: v.parse(aboutSchema, record) };
}

/** Records of before have results by task type. */
function modernAbout(record: unknown): unknown {
  if (typeof record !== "object" || record === null) return record;
  const { before, after } = record as { readonly before?: unknown; readonly after?: unknown };
  return { ...record, before: listOf(before), after: listOf(after) };
}

function listOf(result: unknown): unknown {
  return typeof result === "object" && result !== null && !Array.isArray(result) ? ungrouped(result) : result;
}

/** @throws KelvinError "input" that names the field which could not be read back */
export function demandAbout(about: About, file: string): About {
  const fault = faultIn(aboutSchema, about);
  if (!fault) return about;
  throw new KelvinError("input", `${file} cannot be kept as a run${at(fault)}.`, `Expected ${fault.expected}.`);
}

function at({ field }: Fault): string {
  return field === "" ? "" : `: “${field}” is missing or wrong`;
}

/** Replaces the file in one step. @throws KelvinError "storage" */
export async function writeAbout(folder: FileSystemDirectoryHandle, about: About): Promise<void> {
  const fault = faultIn(aboutSchema, about);
  if (fault) throw new Error(`about.json could not be read back${at(fault)}`);
  await writeFile(folder, ABOUT, JSON.stringify(about));
}
