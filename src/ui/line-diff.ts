/** A line of the new text; `added` if the old text lacks it at that place. */
export interface DiffLine {
  readonly text: string;
  readonly added: boolean;
}

/** The difference between two programs. */
export interface LineDiff {
  readonly lines: readonly DiffLine[];
  readonly added: number;
  readonly removed: number;
}

/** Lines compared with lines: more would keep the page from doing anything else. */
const MOST_COMPARED = 1_000_000;

/**
 * Line difference by longest common subsequence, which is quadratic in the lines that differ. Texts that differ in too many
 * are not compared: all of those lines are new.
 */
export function diffLines(oldText: string, newText: string): LineDiff {
  const [before, after] = [oldText.split("\n"), newText.split("\n")];
  const shorter = Math.min(before.length, after.length);
  const head = countWhile(shorter, (k) => before[k] === after[k]);
  const tail = countWhile(shorter - head, (k) => before.at(-1 - k) === after.at(-1 - k));
  const [from, to] = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)];
  const { lines, kept } = from.length * to.length <= MOST_COMPARED ? compare(from, to) : allNew(to);
  const same = (texts: readonly string[]) => texts.map((text) => ({ text, added: false }));
  return {
    lines: [...same(after.slice(0, head)), ...lines, ...same(after.slice(after.length - tail))],
    added: to.length - kept,
    removed: from.length - kept,
  };
}

function countWhile(most: number, holds: (index: number) => boolean): number {
  let count = 0;
  while (count < most && holds(count)) count++;
  return count;
}

interface Compared {
  readonly lines: readonly DiffLine[];
  /** Lines of both. */
  readonly kept: number;
}

function allNew(lines: readonly string[]): Compared {
  return { lines: lines.map((text) => ({ text, added: true })), kept: 0 };
}

function compare(before: readonly string[], after: readonly string[]): Compared {
  const common = commonLengths(before, after);
  const lines: DiffLine[] = [];
  let i = 0;
  for (let j = 0; j < after.length; ) {
    const text = after[j] ?? "";
    if (before[i] === text) {
      lines.push({ text, added: false });
      i++;
      j++;
    } else if (i < before.length && at(common, i + 1, j) >= at(common, i, j + 1)) i++;
    else {
      lines.push({ text, added: true });
      j++;
    }
  }
  return { lines, kept: at(common, 0, 0) };
}

/** lengths[i][j]: longest common subsequence of before[i…] and after[j…]. */
function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const lengths = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const longest =
        before[i] === after[j] ? 1 + at(lengths, i + 1, j + 1) : Math.max(at(lengths, i + 1, j), at(lengths, i, j + 1));
      (lengths[i] as number[])[j] = longest;
    }
  }
  return lengths;
}

function at(lengths: readonly (readonly number[])[], i: number, j: number): number {
  return lengths[i]?.[j] ?? 0;
}

/** "one line added", "2 lines added, one removed", "new program". */
export function describeDiff({ lines, added, removed }: LineDiff): string {
  if (added === 0 && removed === 0) return "unchanged";
  if (added >= lines.length - 1) return "a new program";
  const count = (n: number) => (n === 1 ? "one line" : `${n} lines`);
  if (added === removed) return `${count(added)} changed`;
  return [added ? `${count(added)} added` : "", removed ? `${count(removed)} removed` : ""].filter(Boolean).join(", ");
}
