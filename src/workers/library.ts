/** Entry point of the library worker, which lists, exports and imports stored runs without blocking the page. */
import { KelvinError, type LibraryAnswer, type LibraryCall, type RunLibrary } from "../contracts";
import { storageFailure } from "../storage/files";
import { listRuns, listUnreadable, removeRun, renameRun, storageUse } from "../storage/library";
import { readLog } from "../storage/stored";
import { refusalOf } from "./failure";

const library: RunLibrary = {
  list: listRuns,
  unreadable: listUnreadable,
  usage: storageUse,
  rename: renameRun,
  remove: removeRun,
  log: readLog,
  // Loaded when they are asked for: the list is on every first screen.
  rightAnswers: async (id) => (await import("./given-pairs")).rightAnswersOf(await readLog(id)),
  export: async (id, kind) => (await import("./take-out")).takeOut(id, kind),
  import: async (file) => (await import("../storage/import")).importRun(file),
};

const scope = self as unknown as DedicatedWorkerGlobalScope;
scope.onmessage = async ({ data: { id, method, values } }: MessageEvent<LibraryCall>) => {
  const call = library[method] as (...values: readonly unknown[]) => Promise<unknown>;
  const answer = await call(...values).then(
    (value): LibraryAnswer => ({ id, value }),
    (error: unknown): LibraryAnswer => ({ id, refusal: refusalOf(tooMuch(storageFailure(error))) }),
  );
  scope.postMessage(answer);
};

/** A log within every limit may still need more than a browser has left. */
function tooMuch(error: unknown): unknown {
  if (!(error instanceof RangeError)) return error;
  return new KelvinError("input", "This run is larger than this browser can hold at once.", "Its log can be exported.");
}
