/**
 * Integrals: the second family of tasks. Given a sum of terms in x, write a function whose derivative it is. The verifier is
 * numeric, as in LADDER (arXiv 2503.00735 §3.1.3): no symbolic algebra decides what is right.
 */
import type { Rng, Task, Verdict } from "../contracts";
import { type Expression, parseExpression, powersOf, valueAt } from "./expressions";
import { termsOf } from "./terms";

/** Longest integrand, in characters. */
const LONGEST_INTEGRAND = 90;
/** Largest coefficient that the models have one token for. */
const LARGEST = 99;

/** The same text for every spelling of one function; null if it is no sum of powers. */
export function integrandKey(integrand: string): string | null {
  const expression = parseExpression(integrand);
  const powers = expression && powersOf(expression);
  return (
    powers &&
    [...powers]
      .sort(([a], [b]) => a - b)
      .map(([exponent, c]) => `${c}x^${exponent}`)
      .join(" ")
  );
}

/**
 * Why a text cannot become a task; null if it can. Only what the rules below solve is admitted, so that each task has an answer
 * that was seen.
 */
export function integrandFault(integrand: string): string | null {
  if (integrand.length > LONGEST_INTEGRAND) return `longer than ${LONGEST_INTEGRAND} characters`;
  const key = integrandKey(integrand);
  if (key === null) return "is no sum of powers of x";
  if (key === "") return "is zero";
  if (antiderivativeOf(integrand) === null) return "has no antiderivative with whole coefficients";
  return null;
}

/** The antiderivative, term by term in their order; null if a term has none with whole coefficients up to 99. */
export function antiderivativeOf(integrand: string): string | null {
  const terms = termsOf(integrand);
  const parts = terms.map((term, at) => ofTerm(term, at === 0));
  return terms.join("") !== integrand || parts.some((part) => part === null) ? null : parts.join("");
}

/** ∫ c xⁿ = c / (n + 1) xⁿ⁺¹, highest power first; ∫ c / x has no form here. */
function ofTerm(term: string, first: boolean): string | null {
  const expression = parseExpression(term.replace(/^\+/u, ""));
  const powers = expression && powersOf(expression);
  if (!powers || powers.has(-1)) return null;
  const parts = [...powers].sort(([a], [b]) => b - a).map(([n, c]) => [n + 1, c / (n + 1)] as const);
  if (parts.some(([, c]) => !Number.isInteger(c) || Math.abs(c) > LARGEST)) return null;
  if (parts.some(([exponent]) => exponent < -1)) return null;
  return parts.map(([exponent, c], at) => signed(c, powerText(Math.abs(c), exponent), first && at === 0)).join("");
}

function powerText(coefficient: number, exponent: number): string {
  if (exponent < 0) return `${coefficient}/x`;
  const factors = new Array<string>(exponent).fill("x");
  return (coefficient === 1 && exponent > 0 ? factors : [String(coefficient), ...factors]).join("*");
}

const signed = (sign: number, text: string, bare: boolean): string => `${sign < 0 ? "-" : bare ? "" : "+"}${text}`;

/** Points that must agree, and at most this many are tried: some lie where a function does not exist. */
const POINTS = 5;
const MOST_TRIED = 40;
/** Half the width of the interval around a point. */
const HALF_WIDTH = 0.05;
/** The published check has 1e-2 relative and no absolute one: a smooth approximation passes it, and an integral near zero fails. */
const RELATIVE = 1e-9;
const ABSOLUTE = 1e-9;

/** Whether F(b) − F(a) is ∫f over [a, b] on five short intervals in [−10, 10]. */
export function integralVerdict(integrand: string, answer: string): Verdict {
  const [f, F] = [parseExpression(integrand), parseExpression(answer)];
  if (!F) return { verdict: "INVALID ANSWER", reason: "is no expression in x" };
  if (!f) throw new Error(`${integrand} is no integrand`);
  let agreed = 0;
  for (let tried = 1; tried <= MOST_TRIED && agreed < POINTS; tried++) {
    const x = pointAt(tried);
    const area = integral(f, x);
    const difference = valueAt(F, x + HALF_WIDTH) - valueAt(F, x - HALF_WIDTH);
    if (area === null || !Number.isFinite(difference)) continue;
    if (Math.abs(difference - area) > ABSOLUTE + RELATIVE * Math.abs(area))
      return { verdict: "WRONG", reason: `its derivative is another near x = ${x.toFixed(2)}` };
    agreed++;
  }
  return agreed === POINTS
    ? { verdict: "CORRECT", reason: "" }
    : { verdict: "INVALID ANSWER", reason: "does not exist where the integrand does" };
}

/** Spread over [−10, 10] by multiples of the golden ratio: the same for every answer, and no clock or chance in a verdict. */
function pointAt(index: number): number {
  return 20 * ((index * 0.6180339887498949) % 1) - 10;
}

/** Gauss–Legendre nodes on [−1, 1] and their weights, of three points and of five. */
const THREE = [
  [-Math.sqrt(3 / 5), 5 / 9],
  [0, 8 / 9],
  [Math.sqrt(3 / 5), 5 / 9],
] as const;
const [INNER, OUTER] = [Math.sqrt(5 - 2 * Math.sqrt(10 / 7)) / 3, Math.sqrt(5 + 2 * Math.sqrt(10 / 7)) / 3];
const [NEAR, FAR] = [(322 + 13 * Math.sqrt(70)) / 900, (322 - 13 * Math.sqrt(70)) / 900];
const FIVE = [
  [-OUTER, FAR],
  [-INNER, NEAR],
  [0, 128 / 225],
  [INNER, NEAR],
  [OUTER, FAR],
] as const;

/** Largest relative difference of the two rules: five points then err by less than RELATIVE, because they err like its 5/3rd power. */
const NEARLY = 1e-6;

/** ∫f around x; null where f does not exist, or so near to such a place that three points and five disagree. */
function integral(f: Expression, x: number): number | null {
  const [rough, fine] = [THREE, FIVE].map((rule) =>
    rule.reduce((sum, [node, weight]) => sum + weight * valueAt(f, x + HALF_WIDTH * node) * HALF_WIDTH, 0),
  ) as [number, number];
  return Math.abs(rough - fine) <= NEARLY * Math.abs(fine) + ABSOLUTE ? fine : null;
}

/** The integrand without one or two of its terms; null if it has one. For a tree that is made by rule. */
export function easierIntegrand({ program }: Pick<Task, "program">, rng: Rng): string | null {
  const terms = termsOf(program);
  if (terms.length < 2) return null;
  const count = Math.min(terms.length - 1, 1 + rng.below(2));
  for (let left = 0; left < count; left++) terms.splice(rng.below(terms.length), 1);
  return terms.join("").replace(/^[+-]/u, "");
}
