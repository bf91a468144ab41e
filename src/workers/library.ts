/** Entry point of the library worker, which lists, exports and imports stored runs without blocking the page. */
import { KelvinError, type LibraryAnswer, type LibraryCall, type RunLibrary } from "../contracts";
import { storageFailure } from "../storage/files";
import { importRun } from "../storage/import";
import { listRuns, listUnreadable, removeRun, renameRun, storageUse } from "../storage/library";
import { readLog } from "../storage/stored";
import { refusalOf } from "./failure";
import { takeOut } from "./take-out";

const library: RunLibrary = {
  list: listRuns,
  unreadable: listUnreadable,
  usage: storageUse,
  rename: renameRun,
  remove: removeRun,
  log: readLog,
  export: (id, kind) => takeOut(id, kind),
  import: importRun,
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
