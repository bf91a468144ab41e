import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TuningStore } from "../ops/tuning";
import { readTextFile } from "./disk";
import { cacheFolder } from "./model-folder";

/** Choices of kernels by adapter and width, in the repository's cache folder. An unreadable file is measured again. */
export function tuningFile(path = join(cacheFolder(), "kernels.json")): TuningStore {
  const readAll = (): Record<string, unknown> => {
    try {
      return JSON.parse(readTextFile(path)) as Record<string, unknown>;
    } catch {
      return {}; // missing, or damaged by a crash: tuning writes a new file
    }
  };
  return {
    read: async (key) => readAll()[key],
    async write(key, choice) {
      try {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, `${JSON.stringify({ ...readAll(), [key]: choice }, null, 2)}\n`);
      } catch {
        // If the folder is not writable, the next start measures again; the run's own log records the choice.
      }
    },
  };
}
