/** Statements that change nothing. A task with one is easier than it looks, and an answer that skips it is right by luck. */
import type { Verifier } from "../contracts";
import { canonical, compact } from "./language";

/** A valid program with what it gave. */
interface Ran {
  readonly program: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** For each program the first statement without which every output stays the same; null if every statement matters. */
export async function idleStatements(verifier: Pick<Verifier, "run">, ran: readonly Ran[]): Promise<(string | null)[]> {
  const tries = ran.flatMap((one, index) => shortened(one.program).map((shorter) => ({ ...shorter, index, ...one })));
  const results = await verifier.run(tries.map(({ shorter, inputs }) => ({ program: shorter, inputs })));
  const idle: (string | null)[] = ran.map(() => null);
  for (const [at, { index, without, outputs }] of tries.entries()) {
    const same = outputs.every((output, input) => sameValue(output, results[at]?.outputs[input] ?? null));
    if (same) idle[index] ??= without;
  }
  return idle;
}

function sameValue(output: string, other: string | null): boolean {
  return other !== null && canonical(output) === canonical(other);
}

/** The program without one statement of its body, for each; without its `return` it hands back what it has. */
export function shortened(program: string): { readonly without: string; readonly shorter: string }[] {
  const [head = "", ...lines] = compact(program).split("\n");
  const statements = lines.reduce<string[]>(joined, []).flatMap(parted);
  return statements.map((without, at) => {
    const kept = /^ return\b/.test(without) ? [" return x"] : [];
    const rest = [...statements.slice(0, at), ...kept, ...statements.slice(at + 1)];
    return { without: without.trim(), shorter: [head, ...rest].join("\n") };
  });
}

/** Lines of a block belong to the statement that opens it. */
function joined(statements: string[], line: string): string[] {
  const isOwn = /^ (?! |elif\b|else\b|except\b|finally\b)/.test(line) || statements.length === 0;
  if (isOwn) return [...statements, line];
  return [...statements.slice(0, -1), `${statements.at(-1)}\n${line}`];
}

/** `x=1;y=2` is two statements; in a block or beside a text the semicolon stays. */
function parted(statement: string): string[] {
  if (/[:\n"']/.test(statement)) return [statement];
  return statement.split(";").flatMap((part) => (part.trim() === "" ? [] : [` ${part.trim()}`]));
}
