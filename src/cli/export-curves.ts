/** `export --run`: the curves of a run for other programs. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { KelvinError, type TrainEvent } from "../contracts";
import { writeCsv } from "../export/curves-csv";
import { TENSORBOARD_ENDING, writeTensorboard } from "../export/tensorboard";
import { requirePlace, writeResult } from "./disk";
import { readEvents } from "./run-folder";

/** What a run is written as. */
export const CURVE_FORMATS = ["csv", "tensorboard"] as const;
export type CurveFormat = (typeof CURVE_FORMATS)[number];

/** Name in a folder; TensorBoard finds a file by its name. */
const FILE: Readonly<Record<CurveFormat, string>> = {
  csv: "curves.csv",
  tensorboard: `events.out${TENSORBOARD_ENDING}`,
};

const write: Readonly<Record<CurveFormat, (events: readonly TrainEvent[]) => string | Uint8Array>> = {
  csv: writeCsv,
  tensorboard: (events) => Buffer.concat(writeTensorboard(events)),
};

/**
 * @param out the file, or an existing folder that gets one
 * @throws KelvinError "input" for an unusable place, a file that exists unless `replace` is set, or a log without run.start
 */
export function exportCurves(run: string, format: CurveFormat, out: string, replace: boolean): void {
  const isFolder = statSync(out, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const path = isFolder ? join(out, FILE[format]) : out;
  if (format === "tensorboard" && !path.includes("tfevents"))
    throw new KelvinError("input", `${out} with --format tensorboard`, "TensorBoard reads files named *tfevents*");
  requirePlace(path);
  if (existsSync(path) && !replace)
    throw new KelvinError("input", `${path} exists`, "name another --out, or replace it with --force");
  const events = readEvents(run);
  writeResult(path, write[format](events));
  console.log(`${path}: ${events.filter(({ type }) => type === "step.end").length} steps`);
}
