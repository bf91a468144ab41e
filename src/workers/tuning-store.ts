import type { TuningStore } from "../ops/tuning";

const FILE = "kernels.json";

/** Choices of kernels by adapter and width, in the origin's private files. Where there are none, each visit measures. */
export function tuningStore(): TuningStore {
  return {
    read: async (key) => (await readAll())[key],
    async write(key, choice) {
      try {
        const text = JSON.stringify({ ...(await readAll()), [key]: choice });
        const file = await (await navigator.storage.getDirectory()).getFileHandle(FILE, { create: true });
        const stream = await file.createWritable();
        await stream.write(text);
        await stream.close();
      } catch {
        // A private window, or a full disk: the next visit takes a second longer.
      }
    },
  };
}

async function readAll(): Promise<Record<string, unknown>> {
  try {
    const file = await (await navigator.storage.getDirectory()).getFileHandle(FILE);
    return JSON.parse(await (await file.getFile()).text()) as Record<string, unknown>;
  } catch {
    return {}; // no file yet, or one that a closed tab cut short
  }
}
