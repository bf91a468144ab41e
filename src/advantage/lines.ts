/**
 * Process supervision: every line of a worked answer is compared with the same line of the group's other answers, instead of the
 * whole answer with the whole. A verifier that says where an answer goes wrong says which tokens to blame. arXiv 2402.03300 §4.1.3,
 * 2305.20050.
 */
import type { Sample } from "../contracts";

/** What a token belongs to: line 0, 1, …, the answer after the last of them; or what comes before the first. */
const BEFORE = -1;

/** The text of one token. */
export type Spell = (token: number) => string;

/** The lines of a completion, the answer last, and the line of each token. */
interface Split {
  readonly lines: readonly string[];
  readonly lineOf: readonly number[];
}

/** A line begins with its line break, the answer with `<ans>`. */
function split(tokens: ArrayLike<number>, spell: Spell): Split {
  const lines: string[] = [];
  const lineOf = Array.from(tokens, (token) => {
    const text = spell(token);
    if (text.startsWith("\n") || text === "<ans>") lines.push("");
    if (lines.length > 0) lines[lines.length - 1] += text;
    return lines.length - 1;
  });
  return { lines, lineOf };
}

/** Lines of a worked answer as `split` has them: `<think>\n a#1\n b#2<ans>2` → `\n a#1`, `\n b#2`, `<ans>2<eos>`. */
function workedLines(worked: string, end: string): string[] {
  return (worked.slice(worked.indexOf("\n")) + end).split(/(?=\n|<ans>)/u);
}

/** Lines up to the first that is wrong: 1 for each that is right, 0 for that one. */
export function lineRewards(written: readonly string[], worked: readonly string[]): number[] {
  const rewards: number[] = [];
  for (const [at, line] of written.entries()) {
    const isRight = line === worked[at];
    rewards.push(isRight ? 1 : 0);
    if (!isRight) break;
  }
  return rewards;
}

/**
 * One advantage per token of each sample: of a line, its reward minus the mean of that line over the samples that got so far; after
 * the first wrong line 0; before the first line, and in an answer without a trace, the sample's own.
 * @param worked the right worked answer to each sample's task; null if it has none: then every token has the sample's own
 * @param end text of the end token
 */
export function lineAdvantages(
  samples: readonly Sample[],
  worked: readonly (string | null)[],
  spell: Spell,
  end: string,
): Float32Array[] {
  const splits = samples.map(({ tokens }) => split(tokens, spell));
  const rewards = splits.map(({ lines }, index) => {
    const right = worked[index] ?? null;
    return right !== null && samples[index]?.trace ? lineRewards(lines, workedLines(right, end)) : [];
  });
  const most = rewards.reduce((longest, { length }) => Math.max(longest, length), 0);
  const means = Array.from({ length: most }, (_, at) => mean(rewards.flatMap((one) => one[at] ?? [])));
  return splits.map(({ lineOf }, index) => {
    const own = rewards[index] ?? [];
    const { advantage = 0 } = samples[index] ?? {};
    if (own.length === 0) return new Float32Array(lineOf.length).fill(advantage);
    return Float32Array.from(lineOf, (at) =>
      at === BEFORE ? advantage : at < own.length ? (own[at] ?? 0) - (means[at] ?? 0) : 0,
    );
  });
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
