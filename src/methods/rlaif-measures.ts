/** What an evaluation of RLAIF measures beside the suites: obedience and helpfulness, counted from syntax. */
import type { Measure, Stage } from "../contracts";
import { finish } from "../rollout/phase";
import { breaksAny, LAWS } from "../tasks/laws";
import { lawsOf, proposals, type RlaifStep } from "./rlaif-step";
import { COPIES_ALLOWED, proposed } from "./rlhf-step";

/** Prompts of the exam, and programs for each. */
const PROMPTS = 64;
const SAMPLES = 2;

/** Shares of the policy's own proposals; nothing of them is logged or trained on. */
export async function* measure(step: RlaifStep): Stage<readonly Measure[]> {
  yield { type: "live.progress", phase: "evaluate", done: 0, total: 1 };
  const aside = { ...step, rng: step.rng.child("exam") };
  const { groups, admitted } = await finish(
    proposed(aside, proposals(aside, "exam", PROMPTS, SAMPLES), COPIES_ALLOWED),
  );
  const written = groups.reduce((sum, { samples }) => sum + samples.length, 0);
  const programs = admitted.map(({ task }) => task.program);
  const laws = lawsOf(step);
  const share = (name: string, holds: (program: string) => boolean): Measure => ({
    ...{ name, value: programs.filter(holds).length / Math.max(1, programs.length), n: programs.length },
  });
  const agreement = step.memory.get("agreement") as { readonly value: number; readonly n: number } | undefined;
  return [
    share("obedience", (program) => !breaksAny(laws, program)),
    ...LAWS.map(({ measure: name, isBroken }) => share(`breaks/${name}`, isBroken)),
    { name: "proposals/valid", value: programs.length / Math.max(1, written), n: written },
    { name: "proposals/unique", value: new Set(programs).size / Math.max(1, programs.length), n: programs.length },
    ...(agreement && agreement.n > 0 ? [{ name: "labels/agreeing", ...agreement }] : []),
  ];
}
