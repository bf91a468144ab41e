/** The numbers of the run on screen, put into the formulas of the pages. Pure. */
import { type Credit, isProposer, isSolver, largest, typeOf } from "../../contracts";
import { FIRST_MEAN, lossShare, settingOf } from "../../telemetry/loss-share";
import type { RunState, SampleRecord, StepState } from "../../telemetry/state";
import { divisorOf } from "../explain";
import { fixed, signed, stepNumber, whole } from "../format";
import type { LiveFormula } from "./page";

/** The latest step with credits: the current or the previous one. */
function comparedStep({ current, previous }: RunState): StepState | null {
  return [current, previous].find((step) => step !== null && step.credits.length > 0) ?? null;
}

/** The sample with the largest advantage, in the first group of solvers whose rewards differ. */
function telling(step: StepState): { credit: Credit; index: number } | null {
  const differing = step.credits.filter(({ deviation }) => deviation > 0);
  const credit = ["solver deduction", "solver", ""]
    .map((start) => differing.find(({ group }) => group.startsWith(start)))
    .find((found) => found !== undefined);
  if (!credit) return null;
  const most = largest(credit.advantages.map(Math.abs));
  return { credit, index: credit.advantages.findIndex((advantage) => Math.abs(advantage) === most) };
}

/** (reward − mean) / deviation of one sample. */
export function liveAdvantage(run: RunState): LiveFormula | null {
  const step = comparedStep(run);
  const found = step && telling(step);
  if (!step || !found) return null;
  const { credit, index } = found;
  const [reward, mean] = [credit.rewards[index] ?? 0, credit.mean];
  const { value: spread } = divisorOf(credit);
  const result = signed(credit.advantages[index]);
  return {
    tex: `A=\\frac{${tex(reward)}-${bracketed(mean)}}{${tex(spread, 4)}${credit.divisor ? "" : "+10^{-4}"}}=${plus(result)}`,
    plain: `A = (${fixed(reward)} − ${mean < 0 ? `(${fixed(mean)})` : fixed(mean)}) / ${fixed(spread)} = ${result}`,
    from: `step ${stepNumber(step.step)}, one of the ${credit.rewards.length} samples of “${credit.group}”`,
  };
}

/** One minus the share of tries that solved a proposal. */
export function liveLearnability({ current, previous }: RunState): LiveFormula | null {
  const paid = [current, previous].flatMap((step) => [...(step?.samples.values() ?? [])]).find(isPaid);
  if (!paid || typeof paid.solveRate !== "number") return null;
  const reward = fixed(paid.reward);
  return {
    tex: `r_{\\text{propose}}=1-${tex(paid.solveRate)}=${tex(paid.reward ?? 0)}`,
    plain: `reward = 1 − ${fixed(paid.solveRate)} = ${reward}`,
    from: `a ${typeOf(paid.prompt.kind)} task proposed in step ${stepNumber(stepOf(paid, current, previous))}`,
  };
}

function isPaid({ prompt, solveRate, reward }: SampleRecord): boolean {
  return isProposer(prompt) && typeof solveRate === "number" && reward !== undefined && solveRate > 0 && solveRate < 1;
}

function stepOf({ sample }: SampleRecord, current: StepState, previous: StepState | null): number {
  return current.samples.has(sample.id) ? current.step : (previous?.step ?? current.step);
}

/** One sample's term of the loss. */
export function liveTerm(run: RunState): LiveFormula | null {
  const step = comparedStep(run);
  const found = step && telling(step);
  if (!step || !found) return null;
  const { credit, index } = found;
  const id = credit.sampleIds[index] ?? "";
  const tokens = credit.tokens?.[index] ?? step.samples.get(id)?.sample.logprobs.length;
  if (tokens === undefined) return null;
  const advantage = credit.advantages[index] ?? 0;
  const metrics = run.history.findLast((one) => one.step === step.step)?.metrics ?? null;
  const told = { credits: step.credits, metrics, before: run.history.at(-1)?.metrics };
  const share = lossShare({ advantage, tokens }, told, run.header?.config ?? null);
  if (!share) return null;
  return {
    tex: `-\\frac{${plus(signed(advantage))}\\cdot ${share.tokens}}{${share.total}}=${plus(signed(share.term, 4))}`,
    plain: `−(${signed(advantage)} × ${share.tokens}) / ${whole(share.total)} = ${signed(share.term, 4)}`,
    from: `step ${stepNumber(step.step)}: the ${share.tokens} tokens of one sample among ${whole(share.total)}`,
  };
}

/** The loss of the last step with its KL and entropy terms, where it is one mean over the tokens trained on. */
export function liveRegularized({ history, header }: RunState): LiveFormula | null {
  const last = history.at(-1);
  if (last?.metrics[FIRST_MEAN] !== undefined) return null;
  const loss = last?.metrics["policy/loss"];
  const kl = last?.metrics["policy/kl"];
  const entropy = last?.metrics["policy/entropy"];
  const beta = Number(settingOf(header?.config ?? null, "klCoefficient") ?? 0);
  const alpha = Number(settingOf(header?.config ?? null, "entropyCoefficient") ?? 0);
  if (!last || loss === undefined || kl === undefined || entropy === undefined || (beta === 0 && alpha === 0))
    return null;
  const gradient = loss - beta * kl + alpha * entropy;
  return {
    tex: `\\mathcal L=${tex(gradient, 4)}+${tex(beta, 4)}\\cdot ${tex(kl, 4)}-${tex(alpha, 4)}\\cdot ${tex(entropy, 4)}=${tex(loss, 4)}`,
    plain: `loss = ${fixed(gradient, 4)} + ${beta} × ${fixed(kl, 4)} − ${alpha} × ${fixed(entropy, 4)} = ${fixed(loss, 4)}`,
    from: `step ${stepNumber(last.step)}`,
  };
}

/** The probability of a sampled completion, from its tokens. */
export function liveLogprob({ current, previous }: RunState): LiveFormula | null {
  const record = [current, previous]
    .flatMap((step) => [...(step?.samples.values() ?? [])])
    .find(({ prompt, sample }) => isSolver(prompt) && sample.logprobs.length >= 3 && sample.logprobs.length <= 6);
  if (!record) return null;
  const parts = record.sample.logprobs.map((value) => bracketed(value));
  const sum = record.sample.logprobs.reduce((total, value) => total + value, 0);
  return {
    tex: `\\log\\pi=${parts.join("+")}=${tex(sum)}\\quad\\Rightarrow\\quad\\pi=${tex(Math.exp(sum), 3)}`,
    plain: `log p = ${fixed(sum)}, so p = ${fixed(Math.exp(sum), 3)}`,
    from: `an answer of ${record.sample.logprobs.length} tokens to a ${typeOf(record.prompt.kind)} task`,
  };
}

/** Decimals without trailing zeros; TeX prints the hyphen as a minus. */
function tex(value: number, decimals = 2): string {
  const rounded = Number(value.toFixed(decimals));
  return String(Object.is(rounded, -0) ? 0 : rounded);
}

function bracketed(value: number): string {
  return value < 0 ? `(${tex(value)})` : tex(value);
}

/** Converts text for people to TeX. */
function plus(text: string): string {
  return text.replace("−", "-");
}
