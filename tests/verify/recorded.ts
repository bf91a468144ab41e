/** Proposals of recorded runs, judged again: what a change of the verifier changes, and how many of them are coins. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { ProposalJob, TaskType, Verdict, Verifier } from "../../src/contracts";
import { TASK_RULES } from "../../src/tasks/check";
import { parseProposal } from "../../src/tasks/formats";

/** A proposal that a verifier ran, and what was said of it then. */
export interface Recorded {
  readonly id: string;
  readonly type: TaskType;
  readonly job: ProposalJob;
  readonly verdict: Verdict;
  readonly output: string | null;
  /** null if none is recorded, as before the first step. */
  readonly reward: number | null;
}

interface Line {
  readonly type: string;
  readonly prompt?: { role: string; type: TaskType; reference?: string };
  readonly sample?: { id: string; text: string; stop: "eos" };
  readonly sampleId?: string;
  readonly verdict?: Verdict;
  readonly output?: string;
  readonly reward?: number;
}

/** Refused before they ran, or for what only the run knows: nothing a verifier decides. */
const BEFORE = new Set(["FORMAT", "OUT OF DOMAIN"]);

/** All proposals of a log that a verifier ran. */
export function readProposals(path: string): Recorded[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  const lines = text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Line]));
  const verdicts = new Map<string, Line>();
  const rewards = new Map<string, number>();
  for (const line of lines) {
    if (line.type === "verify.verdict") verdicts.set(line.sampleId!, line);
    if (line.type === "reward.proposal") rewards.set(line.sampleId!, line.reward!);
  }
  return lines.flatMap(({ type, prompt, sample }) => {
    if (type !== "rollout.sample" || prompt?.role !== "proposer" || sample?.text === undefined) return [];
    const ruling = verdicts.get(sample.id);
    const proposal = parseProposal(prompt.type, sample, prompt.reference ?? "");
    if (!ruling?.verdict || !proposal) return [];
    if (BEFORE.has(ruling.verdict.verdict) && ruling.output === undefined) return [];
    const distinctOutputs = prompt.type === "induction" ? TASK_RULES.distinctOutputs : 0;
    const { program, inputs } = proposal;
    const { duplicates: _, ...rules } = { ...TASK_RULES, distinctOutputs };
    const { verdict, output = null } = ruling;
    const reward = rewards.get(sample.id) ?? null;
    return [{ id: sample.id, type: prompt.type, job: { program, inputs, rules }, verdict, output, reward }];
  });
}

/** Refused by rules of the run although the verifier found nothing. */
const ADMISSION = new Set(["DUPLICATE", "HELD OUT", "OUT OF DOMAIN"]);

/** What the verifier said then. */
export function verifiersWord({ verdict: { verdict, reason } }: Recorded): string {
  return ADMISSION.has(verdict) || reason === "no room is left for an answer" ? "VALID" : verdict;
}

/** A verdict that is not what it was. */
export interface Change {
  readonly id: string;
  readonly then: string;
  readonly now: string;
  readonly job: ProposalJob;
}

/** Judges again, a batch at a time. */
export async function judgeAgain(verifier: Verifier, recorded: readonly Recorded[]): Promise<Change[]> {
  const changes: Change[] = [];
  for (let at = 0; at < recorded.length; at += 500) {
    const batch = recorded.slice(at, at + 500);
    const results = await verifier.propose(batch.map(({ job }) => job));
    for (const [index, one] of batch.entries()) {
      const { verdict, reason, outputs } = results[index]!;
      const output = outputs.map((text) => text.replaceAll(/\s+/g, "")).join(";");
      const then = verifiersWord(one);
      const other = verdict === "VALID" && one.output !== null && output !== one.output ? ` with ${output}` : "";
      if (verdict === then && !other) continue;
      changes.push({ id: one.id, then, now: `${verdict}${other}: ${reason}`, job: one.job });
    }
  }
  return changes;
}

/** A coin: a program whose value depends on an address, a hash seed or the heap. Every other rule is off. */
export async function findCoins(verifier: Verifier, recorded: readonly Recorded[]): Promise<Recorded[]> {
  const off = {
    constant: false,
    identity: false,
    leak: false,
    heavy: false,
    long: false,
    distinctOutputs: 0,
    unseenInputs: false,
  };
  const jobs = recorded.map(({ job }) => ({ ...job, rules: { ...off, deterministic: true } }));
  const results = await verifier.propose(jobs);
  return recorded.filter((_, index) => {
    const { verdict, reason } = results[index]!;
    return verdict === "NONDETERMINISTIC" || verdict === "STATEFUL" || reason === "text of an object";
  });
}
