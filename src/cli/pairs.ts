import { KelvinError } from "../contracts";
import { pairLine } from "../evaluate/pairs";
import { rightAnswers } from "../telemetry/right-answers";
import { readArguments } from "./arguments";
import { requirePlace, writeResult } from "./disk";
import { readEvents } from "./run-folder";

const USAGE = "npm run pairs -- RUN --out FILE.jsonl [--limit N]";

/** Writes the answers of a run that the verifier found right as pairs for `train sft --pairs`. */
export async function main(argv: string[]): Promise<number> {
  const given = readArguments(argv, { out: "value", limit: "value" }, USAGE);
  const [folder] = given.positionals;
  const out = given.value("out");
  if (!folder || !out) throw new KelvinError("input", "the folder of a run and --out are needed", USAGE);
  requirePlace(out);
  const found = rightAnswers(readEvents(folder));
  if (found.length === 0)
    throw new KelvinError(
      "input",
      `${folder} holds no right answer`,
      "take a run that solved deductions or abductions",
    );
  const pairs = found.slice(0, given.count("limit", found.length, 1));
  writeResult(out, pairs.map(pairLine).join(""));
  console.log(`wrote ${pairs.length} of ${found.length} pairs to ${out}`);
  return 0;
}
