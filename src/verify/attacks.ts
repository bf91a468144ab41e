/**
 * Assigns a verdict to a group of the attack catalogue, for display only. Pure functions of the verdict and the text it was given
 * on; every attack here has already failed.
 */
import type { AttackGroup, ProgramType, Verdict } from "../contracts";

/** Kind of the text: a proposed program, or an answer to a task of this type. */
export type Origin = "proposal" | ProgramType;

/** Text that would compute if an answer were evaluated, or that displays differently from what it is. */
const CODE = [
  /[\p{L}_][\w.]*\s*\(/u,
  /\b(lambda|import|for|if|else|await|yield)\b/,
  /:=|;|\*|\.\.\.|\w\s*=/,
  /[\w)\]]\s*[-+/%@&|^<>]\s*[\w([]/,
  /^\s*([fb]['"]|--)/i,
  /[^\t\n\r -~]/,
];
/** Refusals of sizes that aim to overload a parser. */
const HUGE = new Set(["size", "literal depth", "not finite"]);

/** Names that the gate refuses because of what they give access to, and names that identify a machine. */
const HOST_NAMES =
  "eval|exec|compile|open|input|globals|locals|vars|dir|getattr|setattr|delattr|hasattr|object|super|memoryview|" +
  "breakpoint|help|exit|quit|BaseException|KeyboardInterrupt|SystemExit|GeneratorExit";
const HOST_NAME = new RegExp(`^(?:${HOST_NAMES})$`);
/** If a program mentions one of these, it was the aim of what the gate refused first. */
const HOST_REACH = new RegExp(`\\b__\\w+__|\\b(?:${HOST_NAMES})\\s*\\(`);
const MACHINE_NAMES = new Set(["id", "hash"]);
const HOST_MODULES =
  /\b(?:import|from)\s+(?:os|sys|gc|js|io|ast|json|types|ctypes|inspect|builtins|importlib|signal|atexit|asyncio|threading|multiprocessing|subprocess|socket|urllib|http|pathlib|shutil|tempfile|pickle|pyodide\w*)\b/;
const CHANCE_MODULES = /\b(?:import|from)\s+(?:random|secrets|time|datetime|uuid)\b|\burandom\b|\bgetsizeof\b/;
/** Attributes that lead from a harmless object to frames and functions. */
const HOST_ATTRIBUTES = /^(?:_|(?:gi|cr|ag|tb|f|co)_|obj$|mro$|format$|format_map$)/;
/** Refusals of code that would catch a stop. */
const HELD_STOPS = new Set(["except", "finally", "node TryStar", "node Match", "rebinds f", "exactly one top-level f"]);

const GATE_WORDS = new Set(["attribute", "import", "node", "constant", "def", "argument"]);

const EXHAUSTED = new Set(["raises MemoryError", "raises RecursionError", "raises OverflowError", "too big"]);
const OVERSIZED = new Set(["output too big", "output int"]);

/** The group; null for an honest success or an honest mistake. */
export function recogniseAttack(origin: Origin, text: string, verdict: Verdict): AttackGroup | null {
  if (verdict.verdict === "CORRECT" || verdict.verdict === "VALID") return null;
  if (verdict.verdict === "DENIED" || /\bDENIED\b/.test(verdict.reason)) return "H";
  switch (origin) {
    case "proposal":
      return attackOfProgram(text, verdict);
    case "deduction":
      return attackOfAnswer(text, verdict, "A");
    case "abduction":
      return attackOfAnswer(text, verdict, "B");
    case "induction":
      return attackOfProgram(text, withoutPrefix(verdict)) ? "F" : null;
  }
}

/** The verdict with its group, if any. */
export function withAttack<V extends Verdict>(origin: Origin, text: string, verdict: V): V {
  const attack = recogniseAttack(origin, text, verdict);
  return attack ? { ...verdict, attack } : verdict;
}

/** A solver's program is always WRONG; the reason says how it ended: `input 2: LIMIT steps`. */
function withoutPrefix({ reason }: Verdict): Verdict {
  const ended = reason.replace(/^input \d+: /, "");
  const [, refused] = /^INVALID PROGRAM: (.*)$/s.exec(ended) ?? [];
  if (refused !== undefined) return { verdict: "INVALID PROGRAM", reason: refused };
  const [stop] = /^(?:LIMIT (?:steps|time|memory)|CRASH|HANG)/.exec(ended) ?? [];
  return stop ? { verdict: stop as Verdict["verdict"], reason: "" } : { verdict: "INVALID PROGRAM", reason: ended };
}

function attackOfAnswer(text: string, { verdict, reason }: Verdict, group: "A" | "B"): AttackGroup | null {
  if (verdict === "WRONG") return group === "B" && (isStop(reason) || EXHAUSTED.has(reason)) ? "E" : null;
  if (verdict !== "INVALID ANSWER") return null;
  return HUGE.has(reason) || CODE.some((sign) => sign.test(text)) ? group : null;
}

function attackOfProgram(text: string, { verdict, reason }: Verdict): AttackGroup | null {
  if (isWorthless(verdict)) return "G";
  if (verdict === "NONDETERMINISTIC" || verdict === "STATEFUL") return "C";
  if (isStop(verdict) || EXHAUSTED.has(reason) || OVERSIZED.has(reason)) return "E";
  return verdict === "INVALID PROGRAM" ? attackOfRefused(text, reason) : null;
}

/** Group by the reason of the gate's refusal; an exception is not a refusal. */
function attackOfRefused(text: string, reason: string): AttackGroup | null {
  const [what = "", name = ""] = reason.split(" ", 2);
  if (HELD_STOPS.has(reason)) return "D";
  if (reason === "node Global" || (what === "name" && MACHINE_NAMES.has(name))) return "C";
  if (what === "attribute" && CHANCE_MODULES.test(text)) return "C";
  if (what === "name" && (HOST_NAME.test(name) || /^_|[^ -~]/.test(name))) return "D";
  if (what === "attribute" && HOST_ATTRIBUTES.test(name)) return "D";
  return GATE_WORDS.has(what) && (HOST_MODULES.test(text) || HOST_REACH.test(text)) ? "D" : null;
}

function isStop(word: string): boolean {
  return /^(?:LIMIT |CRASH|HANG)/.test(word);
}

function isWorthless(verdict: Verdict["verdict"]): boolean {
  return /^(?:TRIVIAL |LEAK|TOO |FORMAT)/.test(verdict);
}
