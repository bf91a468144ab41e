import { KelvinError } from "../contracts";
import { drawAccuracy } from "../telemetry/accuracy-picture";
import { readArguments } from "./arguments";
import { requirePlace, writeResult } from "./disk";
import { readEvents } from "./run-folder";

const USAGE = "npm run curve -- RUN --out FILE.svg [--suite in-distribution]";

/** Draws held-out accuracy and trace share of a run from its event log. */
export async function main(argv: string[]): Promise<number> {
  const given = readArguments(argv, { out: "value", suite: "value" }, USAGE);
  const [folder] = given.positionals;
  const out = given.value("out");
  if (!folder || !out) throw new KelvinError("input", "the folder of a run and --out are needed", USAGE);
  requirePlace(out);
  writeResult(out, drawAccuracy(readEvents(folder), given.value("suite") ?? "in-distribution"));
  console.log(`wrote ${out}`);
  return 0;
}
