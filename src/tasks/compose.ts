/** Composite programs: one program run on what another leaves. arXiv 2505.03335 §3.2. Pure. */

/**
 * `second` after `first`, as one program: f(g(x)). null if `first` can end anywhere but in its last line, or changes nothing.
 */
export function composed(first: string, second: string): string | null {
  const [, ...lines] = first.split("\n");
  const [, left] = /^ return (.+)$/.exec(lines.pop() ?? "") ?? [];
  if (left === undefined || lines.some((line) => /\breturn\b/.test(line))) return null;
  const body = [...lines, ...(left === "x" ? [] : [` x=${left}`])];
  if (body.length === 0) return null;
  return ["def f(x):", ...body, ...second.split("\n").slice(1)].join("\n");
}

/** Whether a program can be run before another. */
export const canGoFirst = (program: string): boolean => composed(program, "def f(x):\n return x") !== null;
