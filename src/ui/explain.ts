/** The arithmetic behind one number, as sentences and formulas with the numbers of its moment. Pure. */
import { type Credit, isProposer, type Json, learnability, SMALLEST_DEVIATION } from "../contracts";
import { isRegularized, type LossShare, settingOf } from "../telemetry/loss-share";
import type { SampleRecord } from "../telemetry/state";
import { fixed, plural, reward, signed, whole } from "./format";

/** Terms of a sum per line. */
const ROW = 3;
/** Terms that are written out; a method has two or three rewards, a stranger's log as many as it likes. */
const MOST_TERMS = 30;

/** How many samples of a group earned one reward. */
export interface RewardCount {
  readonly reward: number;
  readonly count: number;
}

/** The rewards of a group from highest to lowest. */
export function countRewards(rewards: readonly number[]): RewardCount[] {
  const counts = new Map<number, number>();
  for (const value of rewards) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => b - a).map(([value, count]) => ({ reward: value, count }));
}

/** The origin of a reward, in one clause. */
export function rewardOrigin(record: SampleRecord, config: Json): string {
  const source = settingOf(config, "rewardSource");
  const labels = settingOf(config, "labels");
  if (labels === "majority") return voteOrigin(record);
  if (source === "random" || labels === "random") return "a coin flip: this is a control run";
  if (source === "none") return "nothing is paid: this control has the terms of the loss alone";
  if (source === "wrong-label") return labelOrigin(record);
  if (source === "format" && !isProposer(record.prompt)) return formOrigin(record);
  return isProposer(record.prompt) ? proposalOrigin(record) : answerOrigin(record);
}

function voteOrigin({ reward: earned }: SampleRecord): string {
  return earned === 1 ? "it agrees with the majority of its group" : "it does not agree with a majority of its group";
}

function formOrigin({ verdict }: SampleRecord): string {
  const isRead = verdict?.verdict === "CORRECT" || verdict?.verdict === "WRONG";
  return `${isRead ? "an answer that can be read" : "no readable answer"}: this control pays for the form alone`;
}

function labelOrigin({ verdict }: SampleRecord): string {
  if (verdict?.verdict === "CORRECT") return "it agrees with the wrong label of this control";
  return verdict?.verdict === "WRONG" ? "it does not agree with the wrong label of this control" : "no readable answer";
}

function answerOrigin({ verdict }: SampleRecord): string {
  if (verdict?.verdict === "CORRECT") return "the answer is right";
  return verdict?.verdict === "WRONG" ? "a readable answer, but wrong" : "no readable answer";
}

function proposalOrigin({ verdict, solveRate, reward: paid = 0 }: SampleRecord): string {
  if (verdict && verdict.verdict === "FORMAT") return "the proposal cannot be read";
  if (verdict && verdict.verdict === "HELD OUT") return "it met a held-out task: refused, not punished";
  if (verdict && verdict.verdict !== "VALID") return `refused: ${verdict.reason || verdict.verdict.toLowerCase()}`;
  if (solveRate === null || solveRate === undefined) return "valid; nobody tried it";
  const punished = paid < 0 ? ", which this run punishes" : "";
  if (solveRate === 0) return `never solved: nothing to learn from it yet${punished}`;
  if (solveRate === 1) return `always solved: nothing left to learn from it${punished}`;
  const bonus = paid - learnability(solveRate);
  const more = bonus > 1e-9 ? `, and ${signed(bonus)} for how it is written` : "";
  return `1 − ${fixed(solveRate)}, the share of tries that solved it${more}`;
}

/** In TeX, where every sample counts as often as it has tokens. */
const OVER_TOKENS = {
  mean: "\\bar r=\\frac{\\sum_i n_i r_i}{\\sum_i n_i}",
  deviation: "\\sigma=\\sqrt{\\frac{\\sum_i n_i(r_i-\\bar r)^2}{\\sum_i n_i-1}}",
};

/** Mean and deviation of a group as TeX, with every reward. */
export function baselineTex({ rewards, mean, deviation, over }: Credit): { mean: string; deviation: string } {
  if (over === "tokens")
    return { mean: `${OVER_TOKENS.mean}=${number(mean)}`, deviation: `${OVER_TOKENS.deviation}=${number(deviation)}` };
  const counts = countRewards(rewards);
  const sum = inRows(counts.map(({ reward: value, count }) => `${count}\\cdot(${number(value)})`));
  const squares = inRows(
    counts.map(({ reward: value, count }) => `${count}\\,(${number(value)}-${bracketed(mean)})^2`),
  );
  return {
    mean: `\\bar r=\\frac{${sum}}{${rewards.length}}=${number(mean)}`,
    deviation: `\\sigma=\\sqrt{\\frac{${squares}}{${rewards.length}-1}}=${number(deviation)}`,
  };
}

/** A sum with at most three terms per line, to fit a narrow card. */
function inRows(all: readonly string[]): string {
  const terms = all.length <= MOST_TERMS ? all : [...all.slice(0, MOST_TERMS), "\\cdots"];
  if (terms.length <= ROW) return terms.join("+");
  const rows = Array.from({ length: Math.ceil(terms.length / ROW) }, (_, row) =>
    terms.slice(ROW * row, ROW * (row + 1)),
  );
  return `\\begin{gathered}${rows.map((row) => row.join("+")).join("\\\\{}+")}\\end{gathered}`;
}

/** The same for readers without KaTeX. */
export function baselinePlain({ rewards, mean, deviation, over }: Credit): { mean: string; deviation: string } {
  if (over === "tokens")
    return {
      mean: `mean over all tokens = ${fixed(mean)}`,
      deviation: `spread over all tokens = ${fixed(deviation)}`,
    };
  const counts = countRewards(rewards);
  const terms = counts.slice(0, MOST_TERMS).map(({ reward: value, count }) => `${count} × (${reward(value)})`);
  const sum = [...terms, ...(counts.length > MOST_TERMS ? ["…"] : [])].join(" + ");
  return {
    mean: `mean = (${sum}) / ${rewards.length} = ${fixed(mean)}`,
    deviation: `spread = root of the summed squared distances to the mean / ${Math.max(1, rewards.length - 1)} = ${fixed(deviation)}`,
  };
}

/** What reward − mean is divided by, and its name. */
export function divisorOf({ divisor, deviation, rewards }: Credit): NonNullable<Credit["divisor"]> {
  return divisor ?? { value: deviation, what: `spread of the ${rewards.length}` };
}

/** The effect of the update on the sample, in one sentence. */
export function updateSentence(tokens: number, { deviation }: Credit, advantage: number): string {
  if (deviation === 0) return "All earned the same, so there is nothing to prefer and nothing is learned from them.";
  if (advantage === 0) return `Exactly average: the update leaves its ${plural(tokens, "token")} as they are.`;
  const direction = advantage > 0 ? "more" : "less";
  return `The update makes each of its ${plural(tokens, "token")} ${direction} likely.`;
}

/** The sample's term of the loss, in words. */
export function shareSentence({ tokens, total, pull, loss, updates, isOverDrawn }: LossShare, config: Json): string {
  const weight = `${whole(tokens)} of the ${whole(total)} tokens ${isOverDrawn ? "drawn" : "trained on"}`;
  const pulled = pull === null ? "" : `, ${percentText(pull)} of the step's pull`;
  if (loss === null) return `${weight}${pulled}. The loss of the step is known when its update is done.`;
  const rest = isRegularized(config) ? ", KL and entropy terms included" : "";
  if (updates === 1)
    return `${weight}${pulled}. The terms of all samples add up to the step's loss, ${signed(loss, 4)}${rest}.`;
  return `${weight}${pulled}. The terms of all samples add up to the loss of the first of ${updates} updates, ${signed(loss, 4)}${rest}; in later ones its probability has moved.`;
}

/** What a token weighs where its share of the loss is not known yet, or no mean over tokens. */
export function weightSentence(tokens: number, config: Json): string {
  const aggregation = settingOf(config, "aggregation");
  if (aggregation === "sequence-mean")
    return `The loss is a mean over answers: each of its ${plural(tokens, "token")} weighs 1/${tokens} of one.`;
  if (aggregation === "constant-length")
    return "The loss divides every answer by one constant length: a token weighs the same in all of them.";
  return "What it weighs is known when the update is done: this log does not say how long the other samples are.";
}

/** The constant in the denominator, for the footnote. */
export const EPSILON_NOTE = `A constant of ${SMALLEST_DEVIATION} is added to the spread, so that a nearly unanimous group does not explode.`;

function percentText(share: number): string {
  return share >= 0.1 ? `${Math.round(100 * share)} %` : `${fixed(100 * share, share < 0.01 ? 2 : 1)} %`;
}

/** At most two decimals; TeX prints the hyphen as a minus. */
function number(value: number): string {
  const rounded = Math.round(value * 100) / 100;
  return String(Object.is(rounded, -0) ? 0 : rounded);
}

function bracketed(value: number): string {
  return value < 0 ? `(${number(value)})` : number(value);
}
