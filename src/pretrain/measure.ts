import type { Policy, ProgramType, Prompt, Rng, Task, TaskType, Verifier } from "../contracts";
import { share } from "../evaluate/measures";
import { finish } from "../rollout/phase";
import { type Draw, rollout } from "../rollout/rollout";
import { admit, nothingKnown } from "../tasks/admit";
import { Checks } from "../tasks/check";
import { parseAnswer, TRACE_START } from "../tasks/formats";
import { promptTokens, proposerPrompt, solverPrompt } from "../tasks/prompts";
import type { Examination } from "./python";

/** How a base model answers before reinforcement learning: figures that `evaluate` does not give. */
export interface BaseHabits {
  /** Accuracy of the greedy direct answer (a forced `<ans>`). */
  readonly direct: Readonly<Record<"deduction" | "abduction", number>>;
  /** Mean probability that a completion begins with `<think>`. */
  readonly think: Readonly<Record<"deduction" | "abduction", number>>;
  /** Share of proposals at temperature 1 that run and stay in the language; duplicates and held-out programs count as valid. */
  readonly valid: Readonly<Record<ProgramType, number>>;
}

/** Shares of the completions in the later formats that do what is asked, by name. */
export type FormatFigures = Readonly<Record<string, number>>;

/** Verdicts on proposals that are well-formed programs, wanted or not. */
const WELL_MADE: ReadonlySet<string> = new Set(["VALID", "DUPLICATE", "HELD OUT"]);

/** Measures habits on `tasks` (deduction and abduction) and `proposals` proposals per type from `references`. */
export async function measureHabits(
  policy: Policy,
  verifier: Verifier,
  tasks: readonly Task[],
  references: readonly string[],
  rng: Rng,
): Promise<BaseHabits> {
  const ofType = (type: TaskType) => tasks.filter((task) => task.type === type);
  const [deduction, abduction] = [ofType("deduction"), ofType("abduction")];
  return {
    direct: {
      deduction: await directAccuracy(policy, verifier, deduction, rng),
      abduction: await directAccuracy(policy, verifier, abduction, rng),
    },
    think: { deduction: await thinkShare(policy, deduction), abduction: await thinkShare(policy, abduction) },
    valid: {
      deduction: await validShare(policy, verifier, "deduction", references, rng),
      abduction: await validShare(policy, verifier, "abduction", references, rng),
      induction: await validShare(policy, verifier, "induction", references, rng),
    },
  };
}

const ANSWER_START = "<ans>";

/** Greedy completions of an examination's prompts, marked: shares by name, such as `judge/parsed`. */
export async function measureFormats(policy: Policy, examination: Examination, rng: Rng): Promise<FormatFigures> {
  const draws = examination.prompts.map((text, index): Draw => {
    const tokens = promptTokens(policy, text);
    const room = policy.contextLength - tokens.length;
    const maxNewTokens = Math.min(room, policy.longestCompletion ?? room);
    return {
      prompt: { id: `formats/${index}`, kind: "examined", text, tokens, maxNewTokens },
      samples: 1,
      purpose: "evaluate",
    };
  });
  const groups = await finish(rollout(policy, draws, { temperature: 0, rng }));
  const texts = groups.map(({ samples: [sample] }) => (sample?.stop === "eos" ? sample.text : null));
  const shares = Object.entries(examination.mark(texts)).map(([name, [held, asked]]) => [name, held / asked] as const);
  return Object.fromEntries(shares);
}

async function directAccuracy(policy: Policy, verifier: Verifier, tasks: readonly Task[], rng: Rng): Promise<number> {
  const draws = tasks.map((task): Draw => {
    const prompt = solverPrompt(policy, `${task.id}/direct`, task);
    return { prompt: opened(policy, prompt, ANSWER_START), samples: 1, purpose: "evaluate" };
  });
  const groups = await finish(rollout(policy, draws, { temperature: 0, rng }));
  const answers = groups.map(({ samples: [sample] }) =>
    sample ? parseAnswer({ text: ANSWER_START + sample.text, stop: sample.stop }) : null,
  );
  const right = await Promise.all(tasks.map((task, index) => isRight(verifier, task, answers[index] ?? null)));
  return share(right, (value) => value);
}

function opened(policy: Policy, prompt: Prompt, text: string): Prompt {
  return { ...prompt, text: prompt.text + text, tokens: promptTokens(policy, prompt.text + text) };
}

async function isRight(verifier: Verifier, task: Task, answer: string | null): Promise<boolean> {
  if (answer === null) return false;
  const gold = task.pairs[0]?.output ?? "";
  const [verdict] =
    task.type === "deduction"
      ? await verifier.deduce([{ gold, answer }])
      : await verifier.abduce([{ program: task.program, gold, answer }]);
  return verdict?.verdict === "CORRECT";
}

async function thinkShare(policy: Policy, tasks: readonly Task[]): Promise<number> {
  const completion = policy.tokenizer.encode(TRACE_START);
  const sequences = tasks.map((task) => ({ prompt: solverPrompt(policy, task.id, task).tokens, completion }));
  const logprobs = await policy.score(sequences);
  return logprobs.reduce((sum, [logprob = Number.NEGATIVE_INFINITY]) => sum + Math.exp(logprob), 0) / tasks.length;
}

async function validShare(
  policy: Policy,
  verifier: Verifier,
  type: TaskType,
  references: readonly string[],
  rng: Rng,
): Promise<number> {
  const draws = references.map(
    (reference, index): Draw => ({
      prompt: proposerPrompt(policy, `habits/${type}/${index}`, type, reference),
      samples: 1,
      purpose: "evaluate",
    }),
  );
  const groups = await finish(rollout(policy, draws, { temperature: 1, rng }));
  await finish(
    admit(groups, { policy, checks: new Checks(verifier), heldOut: new Set(), known: nothingKnown(), step: -1 }),
  );
  const samples = groups.flatMap((group) => group.samples);
  return share(samples, ({ verdict }) => verdict !== undefined && WELL_MADE.has(verdict.verdict));
}
