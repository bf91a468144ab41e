import type { TrainEvent } from "../contracts";
import { type CurveRow, columnsOf, curvesOf } from "./curves";

/**
 * A run's curves as comma-separated values (RFC 4180): a header, then one row per step; what a step did not measure is empty. The
 * column `step` is the one that trackio's and Weights & Biases' imports look for.
 * @throws KelvinError "input" for a log without run.start
 */
export function writeCsv(events: readonly TrainEvent[]): string {
  const rows = curvesOf(events);
  const columns = columnsOf(rows);
  const lines = [["step", "seconds", ...columns].map(quoted), ...rows.map((row) => cells(row, columns))];
  return lines.map((line) => `${line.join(",")}\r\n`).join("");
}

function cells({ step, seconds, values }: CurveRow, columns: readonly string[]): string[] {
  const measured = columns.map((name) => values[name]);
  return [step, seconds, ...measured].map((value) => (value === undefined ? "" : String(value)));
}

/** A name as one field. A spreadsheet computes what begins like a formula, so an apostrophe precedes that. */
function quoted(name: string): string {
  const text = /^[=+\-@\t\r]/u.test(name) ? `'${name}` : name;
  return /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
