import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KelvinError, type TrainEvent } from "../contracts";
import { drawAccuracy } from "../telemetry/accuracy-picture";
import { readArguments } from "./arguments";

const USAGE = "npm run curve -- RUN_DIR --out FILE.svg [--suite in-distribution]";

/** Draws held-out accuracy and trace share of a run from its event log. */
export async function main(argv: string[]): Promise<number> {
  const given = readArguments(argv, { out: "value", suite: "value" }, USAGE);
  const [folder] = given.positionals;
  const out = given.value("out");
  if (!folder || !out) throw new KelvinError("input", "a run directory and --out are needed", USAGE);
  const path = join(folder, "events.jsonl");
  if (!existsSync(path)) throw new KelvinError("input", `${path} does not exist`, "name the --out directory of a run");
  const events = readFileSync(path, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as TrainEvent);
  writeFileSync(out, drawAccuracy(events, given.value("suite") ?? "in-distribution"));
  console.log(`wrote ${out}`);
  return 0;
}
