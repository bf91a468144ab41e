/** The recorded run that ships with the page. */
import { KelvinError } from "../contracts";
import { readRecording, unpackLog } from "../telemetry/replay";
import type { RewardField } from "../telemetry/reward-field";
import type { Evaluation } from "../telemetry/state";
import { ReplaySource } from "./replay-source";

/** What lies beside a shipped log: its size, the rewards of its answers, and what they came to. */
export interface ShippedRun {
  readonly log: { readonly file: string; readonly bytes: number };
  readonly field: RewardField;
  /** Its held-out results, in order. */
  readonly evaluations: readonly Evaluation[];
}

/** Recorded runs are played at ten times their pace. */
const REPLAY_SPEED = 10;
const HINT = "Reload the page, or open the log of a run of your own.";

/** The shipped run's description. @throws KelvinError "input" when it cannot be fetched. */
export async function fetchShippedRun(): Promise<ShippedRun> {
  return (await fetchRun("azr-kelvin-nano.json")).json() as Promise<ShippedRun>;
}

/** The shipped run, ready to be played. @throws KelvinError "input" when its log cannot be fetched or read. */
export async function fetchRecording({ log }: ShippedRun): Promise<ReplaySource> {
  return openRecording(await (await fetchRun(log.file)).blob());
}

/** The shipped run's log as a file. @throws KelvinError "input" when it cannot be fetched. */
export async function fetchShippedLog(): Promise<Blob> {
  const { log } = await fetchShippedRun();
  return (await fetchRun(log.file)).blob();
}

/** A log from a file, plain or packed. @throws KelvinError "input" when it is not a log. */
export async function openRecording(file: Blob): Promise<ReplaySource> {
  return new ReplaySource(readRecording(await unpackLog(file)), REPLAY_SPEED);
}

async function fetchRun(file: string): Promise<Response> {
  const missing = (why: string) => new KelvinError("input", `The recorded run could not be loaded (${why}).`, HINT);
  // In the build the address is relative to the page, so that any folder of any host serves it.
  const address = new URL(`${import.meta.env.BASE_URL}runs/${file}`, document.baseURI);
  const response = await fetch(address).catch(() => Promise.reject(missing("no network")));
  if (!response.ok) throw missing(`status ${response.status}`);
  return response;
}
