import { KelvinError, type Task, type Verifier } from "../contracts";
import { canonicalLiteral, GOLD_LIMITS } from "../verify";
import type { Suite } from "./suite";

/**
 * Runs the programs of a suite from elsewhere: every gold value must be what its program gives. A suite that ships is checked by
 * a test.
 * @throws KelvinError "input" naming the file, the first wrong line, and the right value
 */
export async function checkGolds(verifier: Pick<Verifier, "run">, { file, tasks }: Suite): Promise<void> {
  if (file === undefined) return;
  await checkIntegrands(file, tasks);
  const jobs = tasks.map(({ program, pairs }) => ({ program, inputs: pairs.map(({ input }) => input) }));
  const results = await verifier.run(jobs);
  for (const [index, task] of tasks.entries()) {
    const problem = problemOf(task, results[index]?.outputs ?? []);
    if (problem !== null) throw faultIn(file, task, problem);
  }
}

/** An integral has no gold value: any antiderivative is right. */
async function checkIntegrands(file: string, tasks: readonly Task[]): Promise<void> {
  const integrals = tasks.filter(({ type }) => type === "integration");
  if (integrals.length === 0) return;
  const { integrandFault } = await import("../tasks/integrals");
  for (const task of integrals) {
    const fault = integrandFault(task.program);
    if (fault !== null) throw faultIn(file, task, `${task.program} ${fault}`);
  }
}

function faultIn(file: string, { id }: Task, problem: string): KelvinError {
  const line = id.slice(id.lastIndexOf("/") + 1);
  return new KelvinError("input", `${file}, line ${line}: ${problem}`, "correct the line, or leave it out");
}

/** null if every output of the program is the gold value. */
function problemOf({ pairs }: Task, outputs: readonly (string | null)[]): string | null {
  for (const [index, { input, output }] of pairs.entries()) {
    const right = outputs[index] ?? null;
    if (right === null) return `the program gives no value for the input ${input}`;
    const gold = canonicalLiteral(output, GOLD_LIMITS);
    if (gold.refused !== undefined) return `the output ${output} is not a literal; the program gives ${right}`;
    if (gold.text !== right) return `the output ${output} is wrong; for the input ${input} the program gives ${right}`;
  }
  return null;
}
