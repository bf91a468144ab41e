import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProposalRules, Verifier } from "../../src/contracts";
import { createNodeVerifier } from "../../src/verify/node";
import { orderlessPrograms, unsettledPrograms } from "./unsettled";

/** Only whether the program is a function of its input. */
const RULES: Partial<ProposalRules> = {
  constant: false,
  identity: false,
  leak: false,
  heavy: false,
  long: false,
  distinctOutputs: 0,
  unseenInputs: false,
};
const LONG = process.env["KELVIN_SOAK"] ? 20 : 1;

let verifier: Verifier;
beforeAll(async () => {
  verifier = await createNodeVerifier({ spare: false });
});
afterAll(() => verifier.dispose());

async function judge(programs: readonly string[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (let at = 0; at < programs.length; at += 250) {
    const batch = programs.slice(at, at + 250);
    const results = await verifier.propose(batch.map((program) => ({ program, inputs: ["7"], rules: RULES })));
    for (const [index, { verdict, reason }] of results.entries()) {
      const key = verdict === "VALID" ? verdict : `${verdict}: ${reason}`;
      found.set(key, [...(found.get(key) ?? []), batch[index]!]);
    }
  }
  return found;
}

describe("programs that depend on more than their input", () => {
  it("are refused but for one in 500", async () => {
    const programs = unsettledPrograms(500 * LONG, 11);
    const found = await judge(programs);
    const valid = found.get("VALID") ?? [];
    console.log([...found].map(([key, { length }]) => `${length} ${key}`).join("; "));
    expect(valid.slice(LONG)).toEqual([]);
    // They are refused for what they are, and not because they do not run.
    const known = /^(NONDETERMINISTIC|STATEFUL|INVALID PROGRAM: (text of an object|output str)$)/;
    expect([...found].filter(([key]) => key !== "VALID" && !known.test(key))).toEqual([]);
  }, 3_600_000);

  it("are told from those that only use a set", async () => {
    const found = await judge(orderlessPrograms(150 * LONG, 5));
    expect([...found].filter(([key]) => key !== "VALID")).toEqual([]);
  }, 3_600_000);
});
