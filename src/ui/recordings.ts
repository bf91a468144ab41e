/** The recorded runs that ship with the page, one per method, and logs from files. */

import { SHIPPED_RUNS } from "virtual:shipped-runs";
import { KelvinError, type MethodInfo, type TrainEvent } from "../contracts";
import { modern, titleOf } from "../telemetry/older-logs";
import type { RewardField } from "../telemetry/reward-field";
import type { Evaluation } from "../telemetry/state";
import type { ReplaySource } from "./replay-source";
import { DEFAULT_SETUP } from "./setup";

/** A small description beside a shipped log, loaded before the log itself. */
export interface ShippedRun {
  readonly log: { readonly file: string; readonly bytes: number };
  /** The rewards of its answers, for the picture on the start view. */
  readonly field: RewardField;
  /** Its held-out results, in order. */
  readonly evaluations: readonly Evaluation[];
  /** Events that put its numbers into the formulas of Learn. */
  readonly lesson: readonly TrainEvent[];
}

/** Files below `runs/` by method: whatever lay there when the page was built. */
const SHIPPED: ReadonlyMap<string, string> = new Map(SHIPPED_RUNS.map(({ method, name }) => [method, name]));

/** Methods of which a recorded run ships. */
export const RECORDED_METHODS: readonly string[] = [...SHIPPED.keys()];

/** Recorded runs play at ten times their speed. */
const REPLAY_SPEED = 10;
const HINT = "Reload the page, or open the log of a run of your own.";

/** The recorded run to offer for a method: its own, or the default method's. */
export function recordedMethodFor(method: string): string {
  return SHIPPED.has(method) ? method : DEFAULT_SETUP.method;
}

/** The engine's methods; without an engine those with a recorded run, and the current one. */
export function methodChoices(methods: readonly MethodInfo[], current: string): [name: string, title: string][] {
  const names = methods.length > 0 ? methods.map(({ name }) => name) : RECORDED_METHODS;
  return [...new Set([...names, current])].map((name) => [name, methodTitle(name, methods)]);
}

/** What a method is called: by the engine, by its shipped run, else by its key. */
export function methodTitle(method: string, methods: readonly MethodInfo[] = []): string {
  const known = methods.find(({ name }) => name === method) ?? SHIPPED_RUNS.find((run) => run.method === method);
  return known?.title ?? titleOf({ method });
}

/** Each is loaded once; after a failure it is tried again. */
const described = new Map<string, Promise<ShippedRun>>();

/** The description of a method's shipped run. @throws KelvinError "input" if it cannot be loaded. */
export function fetchShippedRun(method: string): Promise<ShippedRun> {
  const known = described.get(method);
  if (known) return known;
  const asked = describe(method);
  described.set(method, asked);
  asked.catch(() => described.delete(method));
  return asked;
}

async function describe(method: string): Promise<ShippedRun> {
  const name = SHIPPED.get(method);
  if (!name) throw new KelvinError("input", `No recorded run of ${methodTitle(method)} comes with this page.`, HINT);
  const response = await fetchRun(`${name}.json`);
  // Some servers answer a missing file with a page of theirs.
  const run: ShippedRun = await response.json().catch(() => Promise.reject(missing("not what was expected")));
  return { ...run, lesson: run.lesson.map(modern) };
}

/** A method's shipped run for replay. @throws KelvinError "input" if its log cannot be loaded or parsed. */
export async function fetchRecording(method: string): Promise<ReplaySource> {
  return openRecording(await fetchShippedLog(method), method);
}

/** Its log as a file. @throws KelvinError "input" if it cannot be loaded. */
export async function fetchShippedLog(method: string): Promise<Blob> {
  const { log } = await fetchShippedRun(method);
  return (await fetchRun(log.file)).blob();
}

/** A log from a file, plain or gzipped; `link` is its name in links. @throws KelvinError "input" if it is not a log. */
export async function openRecording(file: Blob, link = ""): Promise<ReplaySource> {
  const { openLog, ReplaySource } = await player();
  const source = new ReplaySource(await openLog(file), REPLAY_SPEED);
  source.link = link;
  return source;
}

/** The code that parses and plays logs, loaded with the first log. */
async function player() {
  const parts = Promise.all([import("../telemetry/replay"), import("./replay-source")]);
  const [log, source] = await parts.catch(() => Promise.reject(missing("its player did not come")));
  return { ...log, ...source };
}

function missing(why: string): KelvinError {
  return new KelvinError("input", `The recorded run could not be loaded (${why}).`, HINT);
}

async function fetchRun(file: string): Promise<Response> {
  // The built page uses relative addresses, so that it works in any folder of any host.
  const address = new URL(`${import.meta.env.BASE_URL}runs/${file}`, document.baseURI);
  const response = await fetch(address).catch(() => Promise.reject(missing("no network")));
  if (!response.ok) throw missing(`status ${response.status}`);
  return response;
}
