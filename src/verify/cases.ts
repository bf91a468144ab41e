/** A file of cases with their expected verdicts; the attack catalogue is one. */

import type { ProposalRules, Verdict, VerdictName, Verifier } from "../contracts";
import { KelvinError } from "../contracts";

interface CaseBase {
  readonly id: string;
  /** The accepted verdicts. */
  readonly expect: readonly string[];
}
export type Case =
  | (CaseBase & { readonly kind: "proposal"; readonly program: string; readonly input: string })
  | (CaseBase & {
      readonly kind: "deduction";
      readonly program: string;
      readonly input: string;
      readonly answer: string;
    })
  | (CaseBase & {
      readonly kind: "abduction";
      readonly program: string;
      readonly output: string;
      readonly answer: string;
    })
  | (CaseBase & {
      readonly kind: "induction";
      readonly reference: string;
      readonly inputs: readonly string[];
      readonly answer: string;
    });

/** The verdict on a case, and whether it is expected. */
export interface CaseResult extends Verdict {
  readonly id: string;
  readonly passed: boolean;
}

const TEXT_FIELDS: Readonly<Record<Case["kind"], readonly string[]>> = {
  proposal: ["program", "input"],
  deduction: ["program", "input", "answer"],
  abduction: ["program", "output", "answer"],
  induction: ["reference", "answer"],
};

/** @throws KelvinError "input" that names the first wrong case and field. */
export function parseCases(text: string, name: string): Case[] {
  const wrong = (what: string): never => {
    throw new KelvinError(
      "input",
      `${name}: ${what}`,
      "expected a JSON array of cases with id, kind, expect and the fields of the kind",
    );
  };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    return wrong("not JSON");
  }
  if (!Array.isArray(parsed) || parsed.length === 0) return wrong("not an array of cases");
  return parsed.map((value: unknown, index) => parseCase(value, (what) => wrong(`case ${index + 1}${what}`)));
}

function parseCase(value: unknown, wrong: (what: string) => never): Case {
  if (typeof value !== "object" || value === null) return wrong(" is not an object");
  const fields = value as Record<string, unknown>;
  if (typeof fields["id"] !== "string") return wrong(" has no id");
  const id = fields["id"];
  const kind = fields["kind"];
  if (typeof kind !== "string" || !Object.hasOwn(TEXT_FIELDS, kind))
    return wrong(` (${id}): unknown kind ${JSON.stringify(kind)}`);
  for (const name of TEXT_FIELDS[kind as Case["kind"]]) {
    if (typeof fields[name] !== "string") return wrong(` (${id}): ${name} is not a text`);
  }
  if (!isTextList(fields["expect"])) return wrong(` (${id}): expect is not a list of verdicts`);
  if (kind === "induction" && !isTextList(fields["inputs"])) return wrong(` (${id}): inputs is not a list of texts`);
  return value as Case;
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string");
}

/** Judges every case, in order. Cases of one kind go to the verifier together. */
export async function judgeCases(verifier: Verifier, cases: readonly Case[]): Promise<CaseResult[]> {
  const verdicts = new Map<Case, Verdict>();
  const judge = async <K extends Case["kind"]>(
    kind: K,
    rule: (cases: Extract<Case, { kind: K }>[]) => Promise<Verdict[]>,
  ): Promise<void> => {
    const chosen = cases.filter((one): one is Extract<Case, { kind: K }> => one.kind === kind);
    const found = await rule(chosen);
    for (const [index, one] of chosen.entries()) verdicts.set(one, found[index]!);
  };
  await judge("proposal", (chosen) =>
    verifier.propose(
      chosen.map(({ program, input, expect }) => ({ program, inputs: [input], rules: rulesFor(expect) })),
    ),
  );
  await judge("deduction", (chosen) => judgeDeductions(verifier, chosen));
  await judge("abduction", (chosen) =>
    verifier.abduce(chosen.map(({ program, output, answer }) => ({ program, gold: output, answer }))),
  );
  await judge("induction", (chosen) => judgeInductions(verifier, chosen));
  return cases.map((one) => {
    const { verdict, reason, attack } = verdicts.get(one)!;
    return { id: one.id, verdict, reason, passed: one.expect.includes(verdict), ...(attack ? { attack } : {}) };
  });
}

const NO_RULES: Partial<ProposalRules> = {
  constant: false,
  identity: false,
  leak: false,
  heavy: false,
  long: false,
  distinctOutputs: 0,
  unseenInputs: false,
};

/** Verdicts on the program itself: whether it runs, is a function of its input, and stays inside. */
const PROGRAM_VERDICTS: ReadonlySet<string> = new Set<VerdictName>([
  "VALID",
  "INVALID PROGRAM",
  "NONDETERMINISTIC",
  "STATEFUL",
  "LIMIT steps",
  "LIMIT time",
  "LIMIT memory",
  "CRASH",
  "HANG",
  "DENIED",
]);

/**
 * A proposal is judged in two layers: the program, then the task it would make. `expect` says which layer a case tests. If it
 * names only verdicts on programs, rules on tasks are off, and a harmless program that returns a constant is VALID.
 */
function rulesFor(expect: readonly string[]): Partial<ProposalRules> {
  return expect.every((verdict) => PROGRAM_VERDICTS.has(verdict)) ? NO_RULES : {};
}

type CaseOf<K extends Case["kind"]> = Extract<Case, { kind: K }>;

/** The program's own output is the gold value. */
async function judgeDeductions(verifier: Verifier, cases: readonly CaseOf<"deduction">[]): Promise<Verdict[]> {
  const golds = await verifier.run(cases.map(({ program, input }) => ({ program, inputs: [input] })));
  const usable = cases.flatMap(({ answer }, index) => {
    const gold = golds[index]!.outputs[0];
    return gold === null || gold === undefined ? [] : [{ index, gold, answer }];
  });
  const verdicts = await verifier.deduce(usable);
  return spread(
    golds.map(({ verdict }) => verdict),
    usable,
    verdicts,
  );
}

/** The reference's outputs are the gold values. */
async function judgeInductions(verifier: Verifier, cases: readonly CaseOf<"induction">[]): Promise<Verdict[]> {
  const golds = await verifier.run(cases.map(({ reference, inputs }) => ({ program: reference, inputs })));
  const usable = cases.flatMap(({ answer, inputs }, index) => {
    const { outputs } = golds[index]!;
    const pairs = inputs.flatMap((input, at) =>
      typeof outputs[at] === "string" ? [{ input, output: outputs[at] }] : [],
    );
    return pairs.length === inputs.length ? [{ index, program: answer, pairs }] : [];
  });
  const verdicts = await verifier.induce(usable);
  return spread(
    golds.map(({ verdict }) => verdict),
    usable,
    verdicts,
  );
}

/** The verdict on the reference if it gave no gold value. */
function spread(
  references: readonly Verdict[],
  usable: readonly { index: number }[],
  verdicts: readonly Verdict[],
): Verdict[] {
  const all = [...references];
  usable.forEach(({ index }, at) => {
    all[index] = verdicts[at]!;
  });
  return all;
}
