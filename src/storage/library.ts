/** The runs stored on this device: list, rename, delete, import. */
import { KelvinError, type ListedRun, type StorageUse, type StoredRun, type UnreadableRun } from "../contracts";
import { readAbout, writeAbout } from "./about";
import { busyRuns, whileIdle } from "./busy";
import { openRuns, removeEntry, sizeOf, storing } from "./files";
import { findRun, readLog } from "./stored";

/** Newest first; unreadable runs are left out. */
export async function listRuns(): Promise<ListedRun[]> {
  const busy = await busyRuns();
  const listed: ListedRun[] = [];
  for await (const entry of folders()) {
    const { about } = await readAbout(entry);
    if (!about) continue;
    const { slot: _, ...run } = about;
    listed.push({ ...(await settled(run, busy)), bytes: await sizeOf(entry), busy: busy.has(run.id) });
  }
  return listed.sort((a, b) => b.created - a.created);
}

/** Folders among the runs that cannot be read, but for those that a tab is writing at this moment. */
export async function listUnreadable(): Promise<UnreadableRun[]> {
  const found: UnreadableRun[] = [];
  for await (const entry of folders()) {
    if ((await readAbout(entry)).about) continue;
    // A tab that had only begun to write it either still does, or has finished it since.
    if ((await busyRuns()).has(entry.name)) continue;
    const { about, why } = await readAbout(entry);
    if (!about) found.push({ id: entry.name, why, bytes: await sizeOf(entry) });
  }
  return found;
}

async function* folders(): AsyncGenerator<FileSystemDirectoryHandle> {
  for await (const entry of (await openRuns()).values()) if (entry.kind === "directory") yield entry;
}

/** Bytes of the stored runs, unreadable ones too, and the browser's quota. */
export async function storageUse(): Promise<StorageUse> {
  let used = 0;
  for await (const entry of folders()) used += await sizeOf(entry);
  const { usage = 0, quota } = await navigator.storage.estimate();
  return { used, granted: quota === undefined ? null : Math.max(0, quota - usage) + used };
}

/** @throws KelvinError "input" for a blank name */
export async function renameRun(id: string, name: string): Promise<void> {
  if (name.trim() === "") throw new KelvinError("input", "A run needs a name.", "Type at least one letter.");
  await change(id, "renamed", async () => {
    const { folder, about } = await findRun(id);
    await writeAbout(folder, { ...about, name: name.trim() });
  });
}

/** @throws KelvinError "storage" while a tab is training it */
export async function removeRun(id: string): Promise<void> {
  await change(id, "deleted", async () => removeEntry(await openRuns(), id));
}

/** Changes a run that no tab is writing: the trainer would overwrite the change in `about.json`. */
async function change(id: string, what: string, work: () => Promise<void>): Promise<void> {
  if (await whileIdle(id, work)) return;
  throw new KelvinError("storage", `A run that is on cannot be ${what}.`, "Reset it first, here or in its own tab.");
}

/** A closed tab cannot record its end: its run becomes resumable from its checkpoint, or a log. */
async function settled(run: StoredRun, busy: ReadonlySet<string>): Promise<StoredRun> {
  if (run.status !== "running" || busy.has(run.id)) return run;
  if (run.checkpoint !== null) return { ...run, status: "kept", steps: Math.max(run.steps, run.checkpoint) };
  const log = await storing(async () => (await readLog(run.id)).text());
  return { ...run, status: "recorded", steps: log.split(/^\{"type":"step\.(?:end|skip)"/mu).length - 1 };
}
