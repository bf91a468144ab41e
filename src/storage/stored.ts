/** Reads stored runs. */
import { KelvinError } from "../contracts";
import { type About, readAbout } from "./about";
import { findFolder, openRuns, readFile } from "./files";
import { EVENTS } from "./run-log";

const GONE = "It may have been deleted in another tab: look under Runs.";

/** A stored run's folder and its `about.json`. @throws KelvinError "storage" if there is no run with this id */
export async function findRun(id: string): Promise<{ folder: FileSystemDirectoryHandle; about: About }> {
  const folder = await findFolder(await openRuns(), id);
  const about = folder && (await readAbout(folder)).about;
  if (!folder || !about) throw new KelvinError("storage", "This run is no longer on this device.", GONE);
  return { folder, about };
}

/** The log of a run. @throws KelvinError "storage" */
export async function readLog(id: string): Promise<File> {
  const { folder } = await findRun(id);
  const file = await readFile(folder, EVENTS);
  if (!file)
    throw new KelvinError("storage", "The log of this run is missing.", "Delete the run; it cannot be played.");
  return file;
}

/** The folder of the valid checkpoint. @throws KelvinError "storage" if the run has no checkpoint */
export async function findCheckpoint(id: string): Promise<FileSystemDirectoryHandle> {
  const { folder, about } = await findRun(id);
  const place = about.slot && (await findFolder(folder, about.slot));
  if (!place)
    throw new KelvinError("storage", "This run has no checkpoint, only a log.", "It can be played, not resumed.");
  return place;
}
