/** Imports a log, or a whole run's folder as a zip file. */
import { unzipSync } from "fflate";
import {
  chosenFilesName,
  KelvinError,
  type MethodConfig,
  type RunConfig,
  type StoredRun,
  type TrainEvent,
} from "../contracts";
import { titleOf } from "../telemetry/older-logs";
import { readRecording, unpackLog } from "../telemetry/replay";
import { type About, writeAbout } from "./about";
import { openRuns, removeEntry, storing, writeFile, writePath } from "./files";
import { EVENTS } from "./run-log";
import { readSavedRun, writeSavedRun } from "./saved-run";

const HINT = "Choose the events.jsonl of a run, or a run's folder as a zip file.";
/** The model that ships with the page. */
const SHIPPED = "kelvin-nano";
/** Files that every complete checkpoint has. */
const PARTS = ["run.json", "model.safetensors", "engine.bin", "config.json", "tokenizer.json"] as const;
/** Small files that only some models have, and adapters in PEFT's layout. */
const OPTIONAL = /^checkpoint\/([\w-]+\.(?:json|jinja)|adapter\/adapter_(?:config\.json|model\.safetensors))$/;

type Files = Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
type RunStart = Extract<TrainEvent, { readonly type: "run.start" }>;

/** A run to import. */
interface Arrival {
  readonly log: string;
  readonly events: readonly TrainEvent[];
  /** Files of its checkpoint; null for a log alone. */
  readonly checkpoint: Files | null;
}

/** Stores a log or a run's folder. @throws KelvinError "input" that names the fault; then nothing is stored */
export async function importRun(file: File): Promise<StoredRun> {
  const arrival = await readArrival(file);
  const { checkpoint } = arrival;
  const created = Date.now();
  const about = aboutOf(arrival, `imported-${created.toString(36)}`, created);
  const runs = await openRuns();
  try {
    const folder = await storing(() => runs.getDirectoryHandle(about.id, { create: true }));
    await writeFile(folder, EVENTS, arrival.log);
    if (checkpoint && about.slot) {
      const { slot } = about;
      const place = await storing(() => folder.getDirectoryHandle(slot, { create: true }));
      for (const [path, bytes] of Object.entries(checkpoint)) await writePath(place, path, bytes);
    }
    await writeAbout(folder, about);
  } catch (error) {
    await removeEntry(runs, about.id);
    throw error;
  }
  const { slot: _, ...run } = about;
  return run;
}

async function readArrival(file: File): Promise<Arrival> {
  const files = await unzip(file);
  const packed = files?.[EVENTS];
  if (files && !packed) throw new KelvinError("input", `There is no ${EVENTS} in ${file.name}.`, HINT);
  const log = packed ? new TextDecoder().decode(packed) : await unpackLog(file);
  const events = readRecording(log);
  return { log, events, checkpoint: files && checkpointOf(files) };
}

/** The files of a zip, without the folder around them; null if the file is not a zip. */
async function unzip(file: File): Promise<Files | null> {
  const [first, second] = await bytesOf(file.slice(0, 2), file.name);
  if (first !== 0x50 || second !== 0x4b) return null;
  const packed = await bytesOf(file, file.name);
  try {
    const entries = Object.entries(unzipSync(packed)) as [string, Uint8Array<ArrayBuffer>][];
    const log = entries.map(([name]) => name).find((name) => name.split("/").at(-1) === EVENTS) ?? "";
    const folder = log.slice(0, log.length - EVENTS.length);
    return Object.fromEntries(entries.map(([name, bytes]) => [name.slice(folder.length), bytes]));
  } catch {
    // The library's message is about its internals; the visitor needs the file's name.
    throw new KelvinError("input", `${file.name} is not a whole zip file.`, HINT);
  }
}

/** Reads a chosen file, which may have been changed or deleted since. */
async function bytesOf(part: Blob, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await part.arrayBuffer().catch(() => {
    throw new KelvinError("input", `${name} cannot be read any more.`, "Choose it again.");
  });
  return new Uint8Array(bytes);
}

/** null without a complete checkpoint. @throws KelvinError "input" for a damaged one */
function checkpointOf(files: Files): Files | null {
  const parts = PARTS.map((name) => [name, files[`checkpoint/${name}`]] as const);
  if (parts.some(([, bytes]) => bytes === undefined)) return null;
  const found = Object.fromEntries(parts) as Files;
  const saved = readSavedRun(new TextDecoder().decode(found["run.json"]), "checkpoint/run.json", HINT);
  const run = { ...saved.run, model: modelHere(saved.run.model) };
  const optional = Object.entries(files).flatMap(([path, bytes]) => {
    const name = OPTIONAL.exec(path)?.[1];
    return name === undefined ? [] : [[name, bytes] as const];
  });
  return {
    ...Object.fromEntries(optional),
    ...found,
    "run.json": new TextEncoder().encode(writeSavedRun({ ...saved, run })),
  };
}

/** Node names a model by its path on that machine. A model that does not ship with the page becomes a folder to choose here. */
function modelHere(model: string): string {
  if (!/[/\\]/u.test(model) || /^https?:/u.test(model)) return model;
  const name = model.split(/[/\\]/u).findLast((part) => part !== "") ?? model;
  return name === SHIPPED ? name : chosenFilesName(name);
}

function aboutOf({ events, checkpoint }: Arrival, id: string, created: number): About {
  const [start] = events as readonly [RunStart];
  const results = events.flatMap((event) => (event.type === "evaluate.result" ? [event] : []));
  const headline = results.filter(({ suite }) => suite === results[0]?.suite);
  const saved = checkpoint ? readSavedRun(new TextDecoder().decode(checkpoint["run.json"]), "run.json", HINT) : null;
  const steps = events.filter(({ type }) => type === "step.end" || type === "step.skip").length;
  return {
    id,
    name: `${titleOf(start)} on ${start.model.name}, seed ${start.seed}, imported`,
    created,
    run: saved?.run ?? configOf(start, results),
    model: start.model,
    device: start.device,
    steps,
    status: saved ? (saved.state.step < saved.run.steps ? "kept" : "done") : "recorded",
    checkpoint: saved?.state.step ?? null,
    before: headline[0]?.result ?? null,
    after: headline.at(-1)?.result ?? null,
    slot: saved ? "checkpoint-a" : null,
  };
}

/** The log contains the method's whole configuration; as overrides it means the same. */
function configOf(
  { method, model, seed, steps, config, lora }: RunStart,
  results: readonly Extract<TrainEvent, { readonly type: "evaluate.result" }>[],
): RunConfig {
  const settings = typeof config === "object" && config !== null ? Object.entries(config) : [];
  const overrides = Object.fromEntries(
    settings.filter(([, value]) => ["number", "string", "boolean"].includes(typeof value)),
  ) as MethodConfig;
  const evaluateTasks = results[0]?.result.deduction?.tasks ?? 0;
  const evaluateEvery = results.find(({ step }) => step > 0)?.step ?? 0;
  return {
    method,
    model: model.name,
    seed,
    steps,
    overrides,
    evaluateTasks,
    evaluateEvery,
    ...(lora && { lora }),
    ...(model.chat === "off" && { chat: "off" }),
  };
}
