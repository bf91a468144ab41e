/** Tasks as rows of verl's and TRL's datasets. */
import { KelvinError, SHOWN_PAIRS, type Task } from "../contracts";
import { inWords } from "../tasks/chat-text";
import { solverText } from "../tasks/formats";

/** One line of a dataset: verl's columns. */
export interface TaskRow {
  readonly data_source: string;
  readonly prompt: readonly [{ readonly role: "user"; readonly content: string }];
  readonly ability: "code";
  readonly reward_model: { readonly style: "rule"; readonly ground_truth: string };
  readonly extra_info: Readonly<Record<string, string | number>>;
}

/**
 * @param chat whether the model is prompted by a conversation: the format is then explained in words
 * @throws KelvinError "model" for integrals, whose verifier does not travel
 */
export function taskRow(task: Task, index: number, split: "train" | "test", chat: boolean): TaskRow {
  if (task.type === "integration")
    throw new KelvinError("model", "Integrals cannot be handed over.", "Their verifier runs in Kelvin alone.");
  const text = solverText(task);
  return {
    data_source: `kelvin/${task.type}`,
    prompt: [{ role: "user", content: chat ? inWords("solver", task.type, text) : text }],
    ability: "code",
    reward_model: { style: "rule", ground_truth: groundTruth(task) },
    extra_info: { id: task.id, index, split, statements: task.statements, step: task.step },
  };
}

/** What the reward compares with, as JSON: some readers of datasets allow no other shapes in a column. */
function groundTruth({ type, program, pairs }: Task): string {
  if (type === "induction") return JSON.stringify({ pairs: pairs.slice(SHOWN_PAIRS) });
  return JSON.stringify({ program, output: pairs[0]?.output ?? "" });
}

export function jsonLines(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}
