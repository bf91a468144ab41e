import { KelvinError } from "../contracts";
import { historiesOf, type TaskHistory } from "../telemetry/histories";
import { readArguments } from "./arguments";
import { readEvents } from "./run-folder";

const USAGE = "npm run rank -- RUN [--limit 10] [--json]";
const USUAL = 10;

/**
 * Ranks the tasks that a run trained on by how much their accuracy varied from step to step: how 1-shot RLVR chooses its example
 * (arXiv 2504.20571 §2).
 */
export async function main(argv: string[]): Promise<number> {
  const given = readArguments(argv, { limit: "value", json: "flag" }, USAGE);
  const [folder] = given.positionals;
  if (!folder) throw new KelvinError("input", "the folder of a run is needed", USAGE);
  const histories = historiesOf(readEvents(folder));
  if (histories.length === 0)
    throw new KelvinError("input", `${folder} trained on no task`, "rank a run of rlvr, which has a pool of tasks");
  const first = histories.slice(0, given.count("limit", USUAL, 1));
  if (given.flag("json")) console.log(JSON.stringify(first.map(rowOf)));
  else print(first, histories.length);
  return 0;
}

function rowOf({ task, accuracies, mean, variance }: TaskHistory, index: number) {
  const { type, program, pairs } = task;
  return { rank: index + 1, variance, mean, steps: accuracies.length, type, program, input: pairs[0]?.input ?? "" };
}

function print(histories: readonly TaskHistory[], all: number): void {
  console.log(`${histories.length} of ${all} tasks, the most varied first`);
  for (const { rank, variance, mean, steps, type, program, input } of histories.map(rowOf))
    console.log(
      `${String(rank).padStart(4)}  variance ${variance.toFixed(4)}  mean ${mean.toFixed(2)}  ${steps} steps  ${type}  ${oneLine(program)}  on ${input}`,
    );
  const best = histories.find(({ task }) => task.type === "deduction");
  if (best)
    console.log(
      `To train on the best deduction: npm run train -- one-shot --set exampleRule=by-hand --set 'exampleProgram=${oneLine(best.task.program)}' --set 'exampleInput=${best.task.pairs[0]?.input}'`,
    );
}

/** As `exampleProgram` takes it. */
function oneLine(program: string): string {
  return program.replaceAll("\n", "\\n");
}
