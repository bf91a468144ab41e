/** The recorded runs that ship with the page, one per method, and logs from files. */
import { KelvinError, type MethodInfo, type TrainEvent } from "../contracts";
import { methodName } from "../telemetry/method-name";
import type { RewardField } from "../telemetry/reward-field";
import type { Evaluation } from "../telemetry/state";
import type { ReplaySource } from "./replay-source";
import { DEFAULT_SETUP } from "./setup";

/** What lies beside a shipped log: small enough to be read before anybody asks for the log itself. */
export interface ShippedRun {
  readonly log: { readonly file: string; readonly bytes: number };
  /** The rewards of its answers, for the picture on the start view. */
  readonly field: RewardField;
  /** Its held-out results, in order. */
  readonly evaluations: readonly Evaluation[];
  /** Events that put its numbers into the formulas of Learn. */
  readonly lesson: readonly TrainEvent[];
}

/** Files below `runs/` by method. */
const SHIPPED: ReadonlyMap<string, string> = new Map([
  ["azr", "azr-kelvin-nano"],
  ["one-shot", "one-shot-kelvin-nano"],
]);

/** Methods of which a recorded run ships. */
export const RECORDED_METHODS: readonly string[] = [...SHIPPED.keys()];

/** Recorded runs are played at ten times their pace. */
const REPLAY_SPEED = 10;
const HINT = "Reload the page, or open the log of a run of your own.";

/** The recorded run to offer beside a method: its own, or that of the default method. */
export function recordedMethodFor(method: string): string {
  return SHIPPED.has(method) ? method : DEFAULT_SETUP.method;
}

/** Methods to choose from: the engine's; without one, those of which a recorded run can be watched. The current one stays. */
export function methodChoices(methods: readonly MethodInfo[], current: string): [name: string, title: string][] {
  const names = methods.length > 0 ? methods.map(({ name }) => name) : RECORDED_METHODS;
  const titles = new Map(methods.map(({ name, title }) => [name, title]));
  return [...new Set([...names, current])].map((name) => [name, titles.get(name) ?? methodName(name)]);
}

/** Each is fetched once; one that could not be had is asked for again. */
const described = new Map<string, Promise<ShippedRun>>();

/** The description of a method's shipped run. @throws KelvinError "input" when it cannot be had. */
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
  if (!name) throw new KelvinError("input", `No recorded run of ${methodName(method)} comes with this page.`, HINT);
  const response = await fetchRun(`${name}.json`);
  // Some servers answer a missing file with a page of theirs.
  return response.json().catch(() => Promise.reject(missing("not what was expected")));
}

/** A method's shipped run, ready to be played. @throws KelvinError "input" when its log cannot be fetched or read. */
export async function fetchRecording(method: string): Promise<ReplaySource> {
  return openRecording(await fetchShippedLog(method), method);
}

/** Its log as a file. @throws KelvinError "input" when it cannot be fetched. */
export async function fetchShippedLog(method: string): Promise<Blob> {
  const { log } = await fetchShippedRun(method);
  return (await fetchRun(log.file)).blob();
}

/** A log from a file, plain or packed; `link` is what an address calls it. @throws KelvinError "input" when it is not a log. */
export async function openRecording(file: Blob, link = ""): Promise<ReplaySource> {
  const { openLog, ReplaySource } = await player();
  const source = new ReplaySource(await openLog(file), REPLAY_SPEED);
  source.link = link;
  return source;
}

/** What reads and plays logs, fetched with the first of them: nothing of it is needed before Start. */
async function player() {
  const parts = Promise.all([import("../telemetry/replay"), import("./replay-source")]);
  const [log, source] = await parts.catch(() => Promise.reject(missing("its player did not come")));
  return { ...log, ...source };
}

function missing(why: string): KelvinError {
  return new KelvinError("input", `The recorded run could not be loaded (${why}).`, HINT);
}

async function fetchRun(file: string): Promise<Response> {
  // In the build the address is relative to the page, so that any folder of any host serves it.
  const address = new URL(`${import.meta.env.BASE_URL}runs/${file}`, document.baseURI);
  const response = await fetch(address).catch(() => Promise.reject(missing("no network")));
  if (!response.ok) throw missing(`status ${response.status}`);
  return response;
}
