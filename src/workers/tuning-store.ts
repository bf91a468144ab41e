import type { TuningStore } from "../ops/tuning";

const FILE = "kernels.json";

/**
 * Choices of kernels by adapter and width, in the origin's private file system. If it cannot be used, each visit measures again.
 */
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
        // In a private window, or on a full disk, the next visit measures again.
      }
    },
  };
}

async function readAll(): Promise<Record<string, unknown>> {
  try {
    const file = await (await navigator.storage.getDirectory()).getFileHandle(FILE);
    return JSON.parse(await (await file.getFile()).text()) as Record<string, unknown>;
  } catch {
    return {}; // missing, or damaged by a closed tab
  }
}
