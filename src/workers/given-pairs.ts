/** Worked examples of a visitor: read from a file, or from the log of a run. */
import type { PairRow, Verifier } from "../contracts";
import { parsePairs } from "../evaluate/pairs";
import type { Suite } from "../evaluate/suite";
import { checkedTasks, demandTrainable, pairRow } from "../tasks/given";
import { heldOutSet } from "../tasks/held-out";
import { openLog } from "../telemetry/replay";
import { rightAnswers } from "../telemetry/right-answers";

/** @throws KelvinError "input" that names the first line that is no pair, is refused by the verifier, or is of a held-out suite */
export async function readPairs(
  verifier: Verifier,
  suites: readonly Suite[],
  { file, text }: { readonly file: string; readonly text: string },
): Promise<PairRow[]> {
  const pairs = parsePairs(file, text);
  const tasks = pairs.map(({ task }) => task);
  const checked = await checkedTasks(verifier, tasks);
  demandTrainable(checked, heldOutSet(suites.flatMap((suite) => suite.tasks)));
  return checked.map((task, index) => pairRow({ ...pairs[index], task }));
}

/** @throws KelvinError "input" if it is not the log of a run */
export async function rightAnswersOf(log: Blob): Promise<PairRow[]> {
  return rightAnswers(await openLog(log)).map(pairRow);
}
