import { basename } from "node:path";
import { gzipSync } from "node:zlib";
import { KelvinError } from "../contracts";
import { lessonOf } from "../telemetry/lesson";
import { logText } from "../telemetry/log";
import { evaluationsOf, rewardField } from "../telemetry/reward-field";
import { thin } from "../telemetry/thin";
import { readArguments } from "./arguments";
import { requirePlace, writeResult } from "./disk";
import { readEvents } from "./run-folder";

const USAGE = "npm run record -- RUN --out public/runs/NAME [--tasks 2] [--answers 10]";

/** Makes a run's log small enough to ship: NAME.jsonl.gz for the player, NAME.json for the page before the log is loaded. */
export async function main(argv: string[]): Promise<number> {
  const given = readArguments(argv, { out: "value", tasks: "value", answers: "value" }, USAGE);
  const [folder] = given.positionals;
  const out = given.value("out");
  if (!folder || !out) throw new KelvinError("input", "the folder of a run and --out are needed", USAGE);
  requirePlace(`${out}.json`);
  const events = readEvents(folder);
  const thinned = thin(events, { wholeTasks: given.count("tasks", 2, 0), answers: given.count("answers", 10, 0) });
  const packed = gzipSync(logText(thinned), { level: 9 });
  writeResult(`${out}.jsonl.gz`, packed);
  const log = { file: `${basename(out)}.jsonl.gz`, bytes: packed.byteLength };
  const about = { log, field: rewardField(events), evaluations: evaluationsOf(events), lesson: lessonOf(thinned) };
  writeResult(`${out}.json`, `${JSON.stringify(about)}\n`);
  console.log(`wrote ${out}.jsonl.gz: ${packed.byteLength} bytes, ${thinned.length} of ${events.length} events`);
  return 0;
}
