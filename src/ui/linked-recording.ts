import { KelvinError } from "../contracts";
import { readReplay } from "./place";
import { fetchRecording, openRecording } from "./recordings";
import type { ReplaySource } from "./replay-source";
import type { Store } from "./store";

const KEPT = "kept/";

/** A link's name for the recording of a run stored on this device. */
export const keptLink = (id: string): string => KEPT + id;

/** Plays the recording that a link names; an invalid name is reported above the view. */
export async function playLinked(store: Store, search: string): Promise<void> {
  const name = readReplay(search);
  if (name === "") return;
  try {
    await store.open(fetchLinked(store, name));
  } catch (error) {
    // A wrong link is reported; the page stays usable.
    if (!(error instanceof KelvinError)) throw error;
    store.notify(`This link names a recording that cannot be played. ${error.message}`, error.hint);
  }
}

/** The recording of this name. @throws KelvinError "input" if it cannot be loaded. */
export async function fetchLinked({ library }: Store, name: string): Promise<ReplaySource> {
  if (!name.startsWith(KEPT) || !library) return fetchRecording(name);
  return openRecording(await library.log(name.slice(KEPT.length)), name);
}
