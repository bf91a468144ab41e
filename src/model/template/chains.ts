/** Comparisons in a row, which Python reads otherwise than the tree of `@huggingface/jinja` tells. */
import { fault } from "./values";

interface Token {
  readonly type: string;
  readonly value: string;
}

const COMPARES: ReadonlySet<string> = new Set(["==", "!=", "<", ">", "<=", ">=", "in"]);
const OPENS: ReadonlySet<string> = new Set(["(", "[", "{"]);
const CLOSES: ReadonlySet<string> = new Set([")", "]", "}"]);
/** What ends an operand of a comparison. */
const ENDS: ReadonlySet<string> = new Set(["and", "or", "not", "if", "else", ",", ":", "=", "{{", "}}", "{%", "%}"]);

/** `a < b < c` is true where both are; brackets make it another question, and are let through. @throws TemplateFault */
export function refuseChains(tokens: readonly Token[]): void {
  const counts = [0];
  for (const [index, { type, value }] of tokens.entries()) {
    if (type === "StringLiteral" || type === "Text") continue;
    const last = counts.length - 1;
    if (OPENS.has(value)) counts.push(0);
    else if (CLOSES.has(value)) counts.pop();
    // The `in` of a loop compares nothing.
    else if (value === "for") counts[last] = -1;
    else if (COMPARES.has(value)) counts[last] = (counts[last] ?? 0) + 1;
    else if (ENDS.has(value) && !(value === "not" && tokens[index + 1]?.value === "in")) counts[last] = 0;
    if ((counts[last] ?? 0) > 1) fault("comparisons in a row are not supported");
  }
}
