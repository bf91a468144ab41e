/** Opens the newest whole checkpoint of a stored run. */
import { KelvinError } from "../contracts";
import { type About, SLOTS, type Slot } from "./about";
import { DIGESTS, openCheckpoint } from "./checkpoint";
import { findFolder, readFile } from "./files";
import { PrivateFolder } from "./private-folder";
import { firstLines } from "./run-log";
import type { Earlier } from "./run-writer";
import type { SavedRun } from "./saved-run";
import { findCheckpoint, findRun, readLog } from "./stored";

/** Everything a run needs to resume exactly. */
export interface Resumable {
  readonly saved: SavedRun;
  /** The engine's own state, read from disk when needed. */
  readonly engine: Blob;
  readonly earlier: Earlier;
  /** What the visitor should know of its checkpoint. */
  readonly notices: readonly string[];
}

/** The checkpoints of a run, newest first. Next to the valid one only a complete one counts: another was cut off. */
async function checkpoints({ folder, about }: { folder: FileSystemDirectoryHandle; about: About }) {
  const found: (PrivateFolder & { slot: Slot })[] = [];
  const [first, second] = SLOTS;
  for (const slot of about.slot === second ? [second, first] : SLOTS) {
    const handle = await findFolder(folder, slot);
    if (handle && (slot === about.slot || (await readFile(handle, DIGESTS))))
      found.push(Object.assign(new PrivateFolder(handle), { slot }));
  }
  return found;
}

/** @throws KelvinError "storage" or "input" if a part is missing or damaged */
export async function readResumable(id: string): Promise<Resumable> {
  const run = await findRun(id);
  await findCheckpoint(id);
  const good = await openCheckpoint(await checkpoints(run), "this run", "It can be played, not resumed.");
  const { saved, folder, notices } = good;
  const engine = await folder.read("engine.bin");
  const log = firstLines(await (await readLog(id)).text(), saved.events);
  if (!engine || log === null) {
    throw new KelvinError("storage", "The checkpoint of this run is incomplete.", "It can be played, not resumed.");
  }
  // An earlier checkpoint than the last one takes its place.
  const about = { ...run.about, slot: folder.slot, checkpoint: saved.state.step };
  return { saved, engine, notices, earlier: { about, log, lines: saved.events } };
}
