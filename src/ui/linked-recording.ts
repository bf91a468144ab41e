import { KelvinError } from "../contracts";
import { readReplay } from "./place";
import { fetchRecording, openRecording } from "./recordings";
import type { ReplaySource } from "./replay-source";
import type { Store } from "./store";

const KEPT = "kept/";

/** What a link calls the recording of a run kept on this device. */
export const keptLink = (id: string): string => KEPT + id;

/** Plays the recording that a link names; a name that leads nowhere is said above the view. */
export async function playLinked(store: Store, search: string): Promise<void> {
  const name = readReplay(search);
  if (name === "") return;
  try {
    await store.open(fetchLinked(store, name));
  } catch (error) {
    // A wrong link is the visitor's to mend; the page is there all the same.
    if (!(error instanceof KelvinError)) throw error;
    store.notify(`This link names a recording that cannot be played. ${error.message}`, error.hint);
  }
}

/** The recording of that name. @throws KelvinError "input" where it cannot be had. */
export async function fetchLinked({ library }: Store, name: string): Promise<ReplaySource> {
  if (!name.startsWith(KEPT) || !library) return fetchRecording(name);
  return openRecording(await library.log(name.slice(KEPT.length)), name);
}
