/** Lock files: one process at a time, and the lock of a process that was killed ends with it. */
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { codeOf } from "./disk";

/** A lock that names no process is left over when it is older than this: its owner names itself at once. */
const NAMELESS_MS = 5000;

/**
 * Takes the lock if it is free, or if its owner has ended.
 * @param path its file, in a folder that exists
 * @returns whether this process has it now
 */
export function takeLock(path: string): boolean {
  const owner = ownerOf(path);
  if (owner !== null && !isHeld(path, owner)) removeStale(path, owner);
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Ends the lock, if it is this process's. */
export function endLock(path: string): void {
  if (ownerOf(path) === process.pid) rmSync(path, { force: true });
}

/** The process that a lock names, which may have ended; null if there is no lock, 0 if it names no process. */
export function ownerOf(path: string): number | null {
  try {
    const owner = Number(readFileSync(path, "utf8"));
    return owner > 0 ? owner : 0;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

/** Of two processes that find the same stale lock only one moves it away. One that has moved a new lock puts it back. */
function removeStale(path: string, owner: number): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  if (ownerOf(aside) === owner) rmSync(aside, { force: true });
  else renameSync(aside, path);
}

function isHeld(path: string, owner: number): boolean {
  if (owner === 0) return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) < NAMELESS_MS;
  try {
    return process.kill(owner, 0);
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}
