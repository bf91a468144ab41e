/** The experiments that can be repeated by name: a question, and the runs that answer it. */
import { KelvinError } from "../../contracts";
import { azr, azrAblations, bestOfN, idleStatements, oneShot, rewardHacking, rlhf, rlvr, sft, ttrl } from "./by-method";
import { rlaif } from "./constitution";
import { grm, grmVotes, metaRm } from "./judging";
import { collapse, growing, integrals, ladder } from "./new-skill";
import type { Experiment } from "./shape";

export const EXPERIMENTS: readonly Experiment[] = [
  ...[azr, azrAblations, oneShot, rlvr, ttrl, sft, rlhf, bestOfN, rewardHacking, idleStatements, ladder],
  ...[integrals, growing, collapse, grm, grmVotes, metaRm, rlaif],
];

/** @throws KelvinError "input" for a name that none has */
export function findExperiment(name: string | undefined): Experiment {
  const found = EXPERIMENTS.find((experiment) => experiment.name === name);
  if (found) return found;
  const names = EXPERIMENTS.map((experiment) => experiment.name).join(", ");
  throw new KelvinError(
    "input",
    name ? `there is no experiment "${name}"` : "no experiment named",
    `experiments: ${names}`,
  );
}
