/** What LADDER works on: programs, or integrals with a policy that reads those. The algorithm is the same. */
import type { Policy, Rng, Step, Task, TaskType } from "../contracts";
import { easierByRule } from "../tasks/easier";
import { proposalText } from "../tasks/formats";
import { checkedTasks } from "../tasks/given";
import { INTEGRAL_ROOTS } from "../tasks/integral-roots";
import { easierIntegrand, integrandKey } from "../tasks/integrals";
import { knowsIntegrals } from "../tasks/prompts";
import { ROOTS } from "../tasks/roots";
import { makeTask } from "../tasks/task";

/** One family of tasks. */
export interface Domain {
  readonly type: TaskType;
  /** All hard tasks to start from, checked. */
  roots(verifier: Step["verifier"]): Promise<readonly Task[]>;
  /** An easier variant by rule, as a policy would write it; null if this draw gives none. */
  variantByRule(task: Task, rng: Rng): string | null;
}

const PROGRAMS: Domain = {
  type: "deduction",
  roots: (verifier) =>
    checkedTasks(
      verifier,
      ROOTS.map(({ program, input }, index) =>
        makeTask({ id: `root/${index}`, type: "deduction", program, inputs: [input], outputs: [""], normalized: "" }),
      ),
    ),
  variantByRule({ program, pairs: [pair] }, rng) {
    const easier = easierByRule(program, rng);
    return easier === null ? null : proposalText(easier, pair?.input ?? "");
  },
};

const INTEGRALS: Domain = {
  type: "integration",
  roots: async () =>
    INTEGRAL_ROOTS.map((program, index) => {
      const normalized = integrandKey(program) ?? "";
      return makeTask({ id: `root/${index}`, type: "integration", program, inputs: [], outputs: [], normalized });
    }),
  variantByRule: easierIntegrand,
};

export function domainOf(policy: Policy): Domain {
  return knowsIntegrals(policy) ? INTEGRALS : PROGRAMS;
}
