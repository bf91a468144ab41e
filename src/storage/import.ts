/** Imports a log, or a whole run's folder as a zip file. Large files pass through; no more than a piece of one is held. */
import {
  chosenFilesName,
  KelvinError,
  type Measure,
  type MethodConfig,
  mostMeasured,
  type RunConfig,
  SHIPPED_MODELS,
  type StoredRun,
  type TrainEvent,
} from "../contracts";
import { titleOf } from "../telemetry/older-logs";
import { readLog } from "../telemetry/replay";
import { logBytes, MOST_LOG } from "../telemetry/unpack";
import { type About, demandAbout, writeAbout } from "./about";
import { holdRun } from "./busy";
import { RECORD, replaceInCheckpoint, textPieces } from "./checkpoint";
import { type Content, openRuns, removeEntry, storing, writeFile, writePath } from "./files";
import { PrivateFolder } from "./private-folder";
import { EVENTS } from "./run-log";
import { readSavedRun, type SavedRun, writeSavedRun } from "./saved-run";
import { readZip, type ZipEntry } from "./zip";

const HINT = "Choose the events.jsonl of a run, or a run's folder as a zip file.";
const SHIPPED: ReadonlySet<string> = new Set(SHIPPED_MODELS);
/** Files that every complete checkpoint has. */
const PARTS = ["run.json", "model.safetensors", "engine.bin", "config.json", "tokenizer.json"] as const;
/** Files that may be as large as a model; the others may not. */
const LARGE: ReadonlySet<string> = new Set(["model.safetensors", "engine.bin", "adapter/adapter_model.safetensors"]);
const MOST_SMALL = 256 * 2 ** 20;
/** Small files that only some models have, and adapters in PEFT's layout. */
const OPTIONAL = /^checkpoint\/([\w-]+\.(?:json|jinja)|adapter\/adapter_(?:config\.json|model\.safetensors))$/;

type RunStart = Extract<TrainEvent, { readonly type: "run.start" }>;
type Entries = ReadonlyMap<string, ZipEntry>;

/** A run to import. */
interface Arrival {
  /** Opens the log, as often as it is read. */
  readonly log: () => Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  readonly checkpoint: Checkpoint | null;
}

interface Checkpoint {
  /** With the name that its model has here. */
  readonly saved: SavedRun;
  /** Its files by path. */
  readonly files: ReadonlyMap<string, Content>;
}

/** Stores a log or a run's folder. @throws KelvinError "input" that names the fault; then nothing is stored */
export async function importRun(file: File): Promise<StoredRun> {
  const arrival = await readArrival(file);
  const created = Date.now();
  const about = demandAbout(aboutOf(arrival, await readFigures(arrival), created), file.name);
  const release = await holdRun(about.id);
  try {
    await store(arrival, about);
  } finally {
    await release();
  }
  const { slot: _, ...run } = about;
  return run;
}

async function store({ log, checkpoint }: Arrival, about: About): Promise<void> {
  const runs = await openRuns();
  try {
    const folder = await storing(() => runs.getDirectoryHandle(about.id, { create: true }));
    await writeFile(folder, EVENTS, chunksOf(await log()));
    for (const [path, content] of checkpoint?.files ?? []) await writePath(folder, `${about.slot}/${path}`, content);
    if (checkpoint && about.slot) await settle(await folder.getDirectoryHandle(about.slot), checkpoint.saved);
    await writeAbout(folder, about);
  } catch (error) {
    await removeEntry(runs, about.id);
    throw error;
  }
}

/** Checks the stored checkpoint, and writes the record that counts here. @throws KelvinError "input" if it is damaged */
async function settle(folder: FileSystemDirectoryHandle, saved: SavedRun): Promise<void> {
  const damaged = await replaceInCheckpoint(new PrivateFolder(folder), RECORD, textPieces(writeSavedRun(saved)));
  if (damaged !== null)
    throw new KelvinError("input", `checkpoint/${damaged} is damaged: it is not what was written.`, HINT);
}

async function readArrival(file: File): Promise<Arrival> {
  const zip = await readZip(file);
  if (!zip) return { log: () => logBytes(file), checkpoint: null };
  const path = [...zip.keys()].find((name) => name.split("/").at(-1) === EVENTS);
  const entry = zip.get(path ?? "");
  if (path === undefined || !entry) throw new KelvinError("input", `There is no ${EVENTS} in ${file.name}.`, HINT);
  demandSmall(entry, MOST_LOG, `The log in ${file.name}`);
  // The files may lie in a folder.
  const folder = path.slice(0, -EVENTS.length);
  const inFolder = [...zip].flatMap(([name, one]) =>
    name.startsWith(folder) ? [[name.slice(folder.length), one] as const] : [],
  );
  return { log: async () => streamOf(entry.read()), checkpoint: await checkpointOf(new Map(inFolder)) };
}

/** null if the checkpoint is not complete. @throws KelvinError "input" for a damaged one */
async function checkpointOf(entries: Entries): Promise<Checkpoint | null> {
  const found = new Map(PARTS.map((name) => [name as string, entries.get(`checkpoint/${name}`)]));
  for (const [path, entry] of entries) {
    const name = OPTIONAL.exec(path)?.[1];
    if (name !== undefined) found.set(name, entry);
  }
  const files = new Map<string, Content>();
  for (const [name, entry] of found) {
    if (!entry) return null;
    if (!LARGE.has(name)) demandSmall(entry, MOST_SMALL, `checkpoint/${name}`);
    files.set(name, entry.read());
  }
  const record = new TextDecoder().decode(
    await wholeOf(files.get("run.json") as AsyncIterable<Uint8Array<ArrayBuffer>>),
  );
  const { run, ...saved } = readSavedRun(record, "checkpoint/run.json", HINT);
  const here = { ...saved, run: { ...run, model: modelHere(run.model) } };
  return { saved: here, files: files.set(RECORD, record) };
}

function demandSmall({ size }: ZipEntry, most: number, what: string): void {
  if (size > most) throw new KelvinError("input", `${what} is larger than ${most / 2 ** 20} MB.`, HINT);
}

async function wholeOf(pieces: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<ArrayBuffer> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of pieces) parts.push(piece);
  return new Blob(parts).arrayBuffer();
}

function streamOf(pieces: AsyncGenerator<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => void (await pieces.return(undefined)),
  });
}

/** Not every browser can iterate over a stream. */
async function* chunksOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}

/** Node names a model by its path on that machine. A model that does not ship with the page becomes a folder to choose here. */
function modelHere(model: string): string {
  if (!/[/\\]/u.test(model) || /^https?:/u.test(model)) return model;
  const name = model.split(/[/\\]/u).findLast((part) => part !== "") ?? model;
  return SHIPPED.has(name) ? name : chosenFilesName(name);
}

/** What the list shows of a log, and what its configuration does not say. */
interface Figures {
  readonly start: RunStart;
  steps: number;
  /** Suite measured first, with its first and its latest result. */
  headline: { readonly suite: string; readonly before: readonly Measure[]; after: readonly Measure[] } | null;
  evaluateEvery: number;
}

/** Reads the whole log, and holds none of it. @throws KelvinError "input" naming the line that is wrong */
async function readFigures({ log }: Arrival): Promise<Figures> {
  let figures: Figures | null = null;
  for await (const events of readLog(log()))
    for (const event of events) {
      if (event.type === "run.start") figures ??= { start: event, steps: 0, headline: null, evaluateEvery: 0 };
      if (figures) count(figures, event);
    }
  if (!figures) throw new KelvinError("input", "The log has no run.start.", HINT);
  return figures;
}

function count(figures: Figures, event: TrainEvent): void {
  if (event.type === "step.end" || event.type === "step.skip") figures.steps += 1;
  if (event.type !== "evaluate.result") return;
  const { suite, measures } = event;
  figures.evaluateEvery ||= Math.max(0, event.step);
  figures.headline ??= { suite, before: measures, after: measures };
  if (figures.headline.suite === suite) figures.headline.after = measures;
}

function aboutOf({ checkpoint }: Arrival, figures: Figures, created: number): About {
  const { start, steps, headline } = figures;
  const saved = checkpoint?.saved ?? null;
  const title = `${titleOf(start)} on ${start.model.name}`.slice(0, MOST_TITLE);
  return {
    id: `imported-${created.toString(36)}`,
    name: `${title}, seed ${start.seed}, imported`,
    created,
    run: saved?.run ?? configOf(figures),
    model: start.model,
    device: start.device,
    steps,
    status: saved ? (saved.state.step < saved.run.steps ? "kept" : "done") : "recorded",
    checkpoint: saved?.state.step ?? null,
    before: headline?.before ?? null,
    after: headline?.after ?? null,
    slot: saved ? "checkpoint-a" : null,
  };
}

/** Characters of a run's title; the visitor may give it another. */
const MOST_TITLE = 200;

/** The log contains the method's whole configuration; as overrides it means the same. */
function configOf({ start, headline, evaluateEvery }: Figures): RunConfig {
  const { method, model, seed, steps, config, lora } = start;
  const settings = typeof config === "object" && config !== null ? Object.entries(config) : [];
  const overrides = Object.fromEntries(
    settings.filter(([, value]) => ["number", "string", "boolean"].includes(typeof value)),
  ) as MethodConfig;
  return {
    ...{ method, model: model.name, seed, steps, overrides },
    evaluateTasks: mostMeasured(headline?.before ?? []),
    evaluateEvery,
    ...(lora && { lora }),
    ...(model.chat === "off" && { chat: "off" }),
  };
}
