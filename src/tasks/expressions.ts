/** Arithmetic in one variable: `3*x*(x-2)+5/(x*x)`. Parsed here and never evaluated as code. */

/** A parsed expression. */
export type Expression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "x" }
  | { readonly kind: "negative"; readonly of: Expression }
  | { readonly kind: Operator; readonly left: Expression; readonly right: Expression };
type Operator = "+" | "-" | "*" | "/";

/** Longest text, in characters, and deepest nesting of parentheses and signs. */
const LONGEST = 400;
const DEEPEST = 32;

/** null for what is no expression: other names, powers by `**`, spaces, numbers of more than three digits. */
export function parseExpression(text: string): Expression | null {
  if (text.length > LONGEST) return null;
  const parser = new Parser(text.match(/\d+|[^\d]/gu) ?? []);
  const expression = parser.sum(0);
  return expression && parser.isDone ? expression : null;
}

/** Recursive descent; every method returns null at the first fault. */
class Parser {
  private at = 0;

  constructor(private readonly tokens: readonly string[]) {}

  get isDone(): boolean {
    return this.at === this.tokens.length;
  }

  sum(depth: number): Expression | null {
    return this.chain(["+", "-"], () => this.chain(["*", "/"], () => this.factor(depth)));
  }

  private chain(operators: readonly Operator[], operand: () => Expression | null): Expression | null {
    let left = operand();
    for (;;) {
      const kind = operators.find((one) => one === this.tokens[this.at]);
      if (!left || !kind) return left;
      this.at++;
      const right = operand();
      left = right && { kind, left, right };
    }
  }

  private factor(depth: number): Expression | null {
    if (depth > DEEPEST) return null;
    const token = this.tokens[this.at++] ?? "";
    if (token === "x") return { kind: "x" };
    if (/^(?:0|[1-9]\d{0,2})$/u.test(token)) return { kind: "number", value: Number(token) };
    if (token === "-") {
      const of = this.factor(depth + 1);
      return of && { kind: "negative", of };
    }
    const inside = token === "(" ? this.sum(depth + 1) : null;
    return inside && this.tokens[this.at++] === ")" ? inside : null;
  }
}

/** The value at x: not finite where it does not exist. */
export function valueAt(expression: Expression, x: number): number {
  switch (expression.kind) {
    case "number":
      return expression.value;
    case "x":
      return x;
    case "negative":
      return -valueAt(expression.of, x);
    default:
      return APPLY[expression.kind](valueAt(expression.left, x), valueAt(expression.right, x));
  }
}

const APPLY: Readonly<Record<Operator, (left: number, right: number) => number>> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
};

/** Coefficients by exponent, without zeros; exponents may be negative. */
export type Powers = ReadonlyMap<number, number>;

/** The expression as a sum of powers of x; null if it divides by anything but a power, or by zero. */
export function powersOf(expression: Expression): Powers | null {
  switch (expression.kind) {
    case "number":
      return cleared([[0, expression.value]]);
    case "x":
      return new Map([[1, 1]]);
    case "negative":
      return scaled(powersOf(expression.of), -1);
    default: {
      const [left, right] = [powersOf(expression.left), powersOf(expression.right)];
      return left && right && combined(expression.kind, left, right);
    }
  }
}

function combined(kind: Operator, left: Powers, right: Powers): Powers | null {
  switch (kind) {
    case "+":
      return cleared([...left, ...right]);
    case "-":
      return combined("+", left, scaled(right, -1) as Powers);
    case "*":
      return cleared([...left].flatMap(([n, c]) => [...right].map(([m, d]) => [n + m, c * d] as const)));
    case "/": {
      const [divisor, ...others] = right;
      if (!divisor || others.length > 0) return null;
      const [m, d] = divisor;
      return cleared([...left].map(([n, c]) => [n - m, c / d] as const));
    }
    default:
      return kind satisfies never;
  }
}

function scaled(powers: Powers | null, by: number): Powers | null {
  return powers && cleared([...powers].map(([exponent, coefficient]) => [exponent, coefficient * by] as const));
}

/** Like powers added, zeros left out. */
function cleared(parts: readonly (readonly [exponent: number, coefficient: number])[]): Powers {
  const total = new Map<number, number>();
  for (const [exponent, coefficient] of parts) total.set(exponent, (total.get(exponent) ?? 0) + coefficient);
  return new Map([...total].filter(([, coefficient]) => coefficient !== 0));
}
