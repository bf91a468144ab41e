/** Queries for a judge: tasks and references with two tries of the policy's own, of which rules say which is the better. */
import type { Group, Json, Rng, Stage, Step, Task } from "../contracts";
import { phase, quietly } from "../rollout/phase";
import { drawWithout } from "../rollout/rng";
import { type Draw, rollout } from "../rollout/rollout";
import { drawReference, readBuffer } from "../tasks/buffer";
import { parseAnswer, proposerText, solverText, TRACE_START } from "../tasks/formats";
import { Judging } from "../tasks/judge";
import { fitsJudging, QUERY_KINDS, type QueryKind } from "../tasks/judgements";
import { proposerPrompt, roomyPrompt, solverPrompt, taskOf, tracePrompt } from "../tasks/prompts";
import { answerStanding, compareStandings, proposalStanding, type Standing } from "../tasks/standing";
import { COPIES_ALLOWED, proposed } from "./rlhf-step";

/** A try with what the rules say of it. */
export interface Try extends Standing {
  readonly text: string;
}

/** A query with a better and a worse try. Stored in the method's memory. */
export interface Query {
  readonly id: string;
  readonly kind: QueryKind;
  /** In the format of its own prompt. */
  readonly question: string;
  readonly better: Try;
  readonly worse: Try;
}

/** Everything that was tried at one query. */
export interface Tried {
  readonly id: string;
  readonly kind: QueryKind;
  readonly question: string;
  readonly tries: readonly Try[];
}

export type Asking = Pick<Step, "policy" | "verifier" | "heldOut" | "index" | "rng" | "memory">;

/** Tries at each task: as many as it likes to write, and as many with a forced trace. */
const TRIES_EACH = 3;
/** Shares of the kinds, as far as there are enough of each. */
const SHARES: Readonly<Record<QueryKind, number>> = { deduction: 0.4, abduction: 0.2, induction: 0.2, proposal: 0.2 };
/** How often the two tries have one form, both with a trace or both without, where that can be. */
const SAME_FORM = 0.8;

/** Asks the policy to answer the tasks of its buffers and to vary them, and keeps at most `count` queries, of all kinds in random order. */
export async function* ownQueries(asking: Asking, count: number): Stage<Query[]> {
  const { memory, rng } = asking;
  const tasks = (["deduction", "abduction", "induction"] as const).flatMap((type) =>
    drawWithout(rng.child("tasks", type), readBuffer(memory, type).slice(1), Math.ceil(count / 2)),
  );
  const answered = yield* phase("try", triedTasks(asking, tasks, ["plain", "traced"]));
  const written = yield* phase("try", triedReferences(asking, Math.ceil(count / 3)));
  const queries = pairsOf([...answered, ...written], rng.child("pairs"));
  const chosen = QUERY_KINDS.flatMap((kind) =>
    queries.filter((query) => query.kind === kind).slice(0, Math.ceil(count * SHARES[kind])),
  );
  const spare = queries.filter((query) => !chosen.includes(query));
  return drawWithout(rng.child("order"), [...chosen, ...spare].slice(0, count), count);
}

/** One query for each of these that has tries of which one is better than another, and that a judge has room for. */
export function pairsOf(tried: readonly Tried[], rng: Rng): Query[] {
  return tried.flatMap(({ id, kind, question, tries }) => {
    const draws = rng.child(id);
    const pair = pairOf(tries, draws);
    return pair ? [{ id, kind, question, ...pair }] : [];
  });
}

/**
 * A right try and a worse one, usually of the same form; null if none is better than another. Pairs in which the form points to the
 * worse try are as likely as others, as far as there are some: else a judge need not read what it judges.
 */
function pairOf(tries: readonly Try[], rng: Rng): Pick<Query, "better" | "worse"> | null {
  const pairs = tries.flatMap((better) =>
    tries.filter((worse) => compareStandings(better, worse) > 0).map((worse) => ({ better, worse })),
  );
  const same = pairs.filter(({ better, worse }) => isTraced(better) === isTraced(worse));
  const wanted = same.length > 0 && rng.next() < SAME_FORM ? same : pairs;
  const formed = oneOf(wanted, ({ better }) => isTraced(better), rng);
  const chosen = oneOf(formed, ({ better, worse }) => formSays(better, worse) > 0, rng);
  return chosen[rng.below(chosen.length)] ?? null;
}

/** Those that hold, or the others: either as likely as the other, if there are some. */
function oneOf<T>(items: readonly T[], holds: (item: T) => boolean, rng: Rng): readonly T[] {
  const parts = [true, false].map((wanted) => items.filter((item) => holds(item) === wanted));
  const some = parts.filter(({ length }) => length > 0);
  return some[rng.below(some.length)] ?? [];
}

/** What a rule says that sees only the form, worked before bare, then the shorter text: positive for the first try, 0 for neither. */
export function formSays(first: Pick<Try, "text">, second: Pick<Try, "text">): number {
  const traces = Number(isTraced(first)) - Number(isTraced(second));
  return Math.sign(traces || second.text.length - first.text.length);
}

function isTraced({ text }: Pick<Try, "text">): boolean {
  return text.startsWith(TRACE_START);
}

type Way = "plain" | "traced";

/** Answers at temperature 1 to tasks, with what the rules say of them. Nothing of it is logged. */
export async function* triedTasks(
  { policy, verifier, rng }: Pick<Step, "policy" | "verifier" | "rng">,
  tasks: readonly Task[],
  ways: readonly Way[],
  each = TRIES_EACH,
): Stage<Tried[]> {
  const draws = tasks.flatMap((task) => {
    const usual = roomyPrompt(policy, solverPrompt(policy, `tries/${task.id}`, task));
    const own = task.type === "induction" ? ["plain" as const] : ways;
    return own.map((way): Draw => {
      const prompt = way === "traced" ? tracePrompt(policy, { ...usual, id: `${usual.id}/traced` }) : usual;
      return { prompt, samples: own.length < ways.length ? each * ways.length : each, purpose: "evaluate" };
    });
  });
  const judging = new Judging(verifier);
  const groups = yield* quietly(rollout(policy, draws, { temperature: 1, rng, ahead: judging }), TRYING);
  yield* quietly(judging.settle(groups), TRYING);
  return tasks.map((task) => {
    const own = groups.filter(({ prompt }) => taskOf(prompt).id === task.id);
    const query = { id: task.id, kind: task.type as QueryKind, question: solverText(task) };
    return {
      ...query,
      tries: fitting(
        policy,
        query,
        own.flatMap((group) => answersIn(group)),
      ),
    };
  });
}

const TRYING = { type: "live.progress", phase: "try", done: 0, total: 1 } as const;

function answersIn({ prompt, samples }: Group): Try[] {
  const task = taskOf(prompt);
  const begun = prompt.text.endsWith(TRACE_START) ? TRACE_START : "";
  return samples.flatMap((sample) => {
    const text = `${begun}${sample.text}`;
    const answer = parseAnswer({ text, stop: sample.stop });
    if (answer === null) return [];
    const right = sample.verdict?.verdict === "CORRECT";
    return [{ text, ...answerStanding(task, text, right) }];
  });
}

/** Programs that vary others, with what the rules say of them. */
async function* triedReferences(asking: Asking, count: number): Stage<Tried[]> {
  const { policy, memory, rng } = asking;
  const references = readBuffer(memory, "deduction");
  const draws = Array.from({ length: count }, (_, slot): Draw => {
    const reference = drawReference(references, rng.child("reference", slot));
    const prompt = proposerPrompt(policy, `tries/proposal/${slot}`, "deduction", reference);
    return { prompt, samples: 2 * TRIES_EACH, purpose: "evaluate" };
  });
  const { groups } = yield* quietly(proposed(asking, draws, COPIES_ALLOWED), TRYING);
  return groups.map(({ prompt, samples }) => {
    const question = proposerText("deduction", prompt.reference ?? "");
    const query = { id: prompt.id, kind: "proposal" as const, question };
    const tries = samples.flatMap(({ text, verdict, stop }) =>
      stop !== "eos" || verdict?.verdict === "FORMAT" || verdict?.verdict === "HELD OUT"
        ? []
        : [{ text, ...proposalStanding(text, verdict?.verdict === "VALID") }],
    );
    return { ...query, tries: fitting(policy, query, tries) };
  });
}

/** Distinct tries that leave a judge enough room. */
function fitting(policy: Step["policy"], { kind, question }: Omit<Tried, "tries">, tries: readonly Try[]): Try[] {
  const distinct = new Map(tries.map((one) => [one.text, one]));
  return [...distinct.values()].filter(({ text }) => fitsJudging(policy, { kind, question, tried: text }));
}

/** The queries of this name in a method's memory. */
export function readQueries(memory: Step["memory"], name: "queries" | "exam"): readonly Query[] {
  return (memory.get(name) ?? []) as unknown as readonly Query[];
}

export function writeQueries(memory: Step["memory"], name: "queries" | "exam", queries: readonly Query[]): void {
  memory.set(name, queries as unknown as Json);
}
