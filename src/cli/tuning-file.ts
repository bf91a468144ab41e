import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TuningStore } from "../ops/tuning";
import { cacheFolder } from "./model-folder";

/** Choices of kernels by adapter and width, in the repository's cache folder. What cannot be read is measured again. */
export function tuningFile(path = join(cacheFolder(), "kernels.json")): TuningStore {
  const readAll = (): Record<string, unknown> => {
    try {
      return JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    } catch {
      return {}; // no file yet, or one that a crash cut short: tuning makes a new one
    }
  };
  return {
    read: async (key) => readAll()[key],
    async write(key, choice) {
      try {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, `${JSON.stringify({ ...readAll(), [key]: choice }, null, 2)}\n`);
      } catch {
        // A folder that cannot be written costs a second at the next start; the run's own record holds the choice.
      }
    },
  };
}
