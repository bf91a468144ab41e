import { describe, expect, it } from "vitest";
import { createRng } from "../../src/rollout/rng";
import { parseExpression, powersOf, valueAt } from "../../src/tasks/expressions";
import { INTEGRAL_ROOTS } from "../../src/tasks/integral-roots";
import {
  antiderivativeOf,
  easierIntegrand,
  integralVerdict,
  integrandFault,
  integrandKey,
} from "../../src/tasks/integrals";
import { termsOf } from "../../src/tasks/terms";

const at = (text: string, x: number): number =>
  valueAt(parseExpression(text) ?? { kind: "number", value: Number.NaN }, x);
const verdictOf = (integrand: string, answer: string): string => integralVerdict(integrand, answer).verdict;

describe("an expression", () => {
  it("is read with the usual precedence, from the left", () => {
    expect(at("2+3*x", 4)).toBe(14);
    expect(at("2-3-4", 0)).toBe(-5);
    expect(at("24/x/3", 2)).toBe(4);
    expect(at("24/(x*3)", 2)).toBe(4);
    expect(at("-x*x", 3)).toBe(-9);
    expect(at("2*-x", 3)).toBe(-6);
    expect(at("x*(3*x-4)", 2)).toBe(4);
  });

  it("is refused if it is anything else", () => {
    for (const text of [
      "",
      "3x",
      "x**2",
      "x^2",
      "y",
      "1000",
      "01",
      "1.5",
      "(x",
      "x)",
      "x+",
      "*x",
      "x x",
      " x",
      "__import__",
    ])
      expect([text, parseExpression(text)]).toEqual([text, null]);
  });

  it("stops at depth and length instead of overflowing the stack", () => {
    expect(parseExpression("(".repeat(5000))).toBeNull();
    expect(parseExpression(`${"-".repeat(100)}x`)).toBeNull();
    expect(parseExpression(`x${"+x".repeat(300)}`)).toBeNull();
  });

  it("is a sum of powers, or none", () => {
    const powers = (text: string) => {
      const sum = powersOf(parseExpression(text) ?? { kind: "x" });
      return sum && Object.fromEntries(sum);
    };
    expect(powers("x*(3*x-4)+4*x")).toEqual({ 2: 3 });
    expect(powers("6/(x*x)-2")).toEqual({ "-2": 6, 0: -2 });
    expect(powers("(x*x+x)/x")).toEqual({ 1: 1, 0: 1 });
    expect([powers("1/(x+1)"), powers("x/0"), powers("1/(x-x)")]).toEqual([null, null, null]);
  });
});

describe("the numeric verifier", () => {
  it("takes any form of the antiderivative, with any constant", () => {
    const integrand = "6*x*x+x*(3*x-4)+5/(x*x)";
    for (const answer of ["2*x*x*x+x*x*x-2*x*x-5/x", "3*x*x*x-2*x*x-5/x+7", "x*x*(3*x-2)-5/x", "-(5/x-3*x*x*x+2*x*x)"])
      expect([answer, verdictOf(integrand, answer)]).toEqual([answer, "CORRECT"]);
  });

  it("finds what differs by one coefficient, one term or one sign", () => {
    const integrand = "6*x*x+4*x+5/(x*x)-9";
    expect(verdictOf(integrand, "2*x*x*x+2*x*x-5/x-9*x")).toBe("CORRECT");
    for (const answer of [
      "2*x*x*x+2*x*x-5/x-8*x",
      "2*x*x*x+2*x*x-5/x",
      "2*x*x*x+2*x*x+5/x-9*x",
      "2*x*x*x+2*x*x-5/x-9*x+x/99",
    ])
      expect([answer, verdictOf(integrand, answer)]).toEqual([answer, "WRONG"]);
  });

  it("works where the published check does not: beside a pole, and where the integral is nearly zero", () => {
    // An absolute bound of 1e-2 takes every small slope for zero; a relative one alone refuses rounding at a zero of the integral.
    expect(verdictOf("x/99", "x*x/198")).toBe("CORRECT");
    expect(verdictOf("x/99", "x*x/199")).toBe("WRONG");
    expect(verdictOf("99/(x*x)", "-99/x")).toBe("CORRECT");
    expect(verdictOf("99/(x*x)", "-98/x")).toBe("WRONG");
    expect(verdictOf("x-x", "7")).toBe("CORRECT");
  });

  it("says what is no answer, and what exists nowhere", () => {
    expect(integralVerdict("2*x", "2x")).toEqual({ verdict: "INVALID ANSWER", reason: "is no expression in x" });
    expect(integralVerdict("2*x", "x/0").verdict).toBe("INVALID ANSWER");
    expect(integralVerdict("2*x", "x*x+0/(x-x)")).toEqual({
      verdict: "INVALID ANSWER",
      reason: "does not exist where the integrand does",
    });
    // The integral sign handed back is no answer either.
    expect(verdictOf("2*x", "2*x")).toBe("WRONG");
  });

  it("agrees with the rules on every worked answer", () => {
    for (const root of INTEGRAL_ROOTS) {
      const answer = antiderivativeOf(root) ?? "";
      expect([root, termsOf(root).length, verdictOf(root, answer)]).toEqual([root, 8, "CORRECT"]);
      // Without its last term it is another function.
      const shorter = antiderivativeOf(termsOf(root).slice(0, -1).join("")) ?? "";
      expect([root, verdictOf(root, shorter)]).toEqual([root, "WRONG"]);
    }
  });
});

describe("an integrand", () => {
  it("is cut into signed terms", () => {
    expect(termsOf("6*x*x-x*(3*x-4)+5/(x*x)")).toEqual(["6*x*x", "-x*(3*x-4)", "+5/(x*x)"]);
  });

  it("is worked term by term", () => {
    expect(antiderivativeOf("6*x*x-x*(3*x-4)+5/(x*x)")).toBe("2*x*x*x-x*x*x+2*x*x-5/x");
  });

  it("has one key in every order and form, and none if it is no sum of powers", () => {
    expect(integrandKey("4*x+6*x*x")).toBe(integrandKey("x*(6*x+4)"));
    expect(integrandKey("4*x")).not.toBe(integrandKey("5*x"));
    expect(integrandKey("1/(x+1)")).toBeNull();
  });

  it("becomes a task only if the rules solve it", () => {
    const faults = ["2*x", "1/x", "3*x", "x-x", "2*x)", "1/(1+x)", "8/(x*x*x)", "((2*x)+(3))"].map((one) => [
      one,
      integrandFault(one),
    ]);
    expect(faults).toEqual([
      ["2*x", null],
      ["1/x", "has no antiderivative with whole coefficients"],
      ["3*x", "has no antiderivative with whole coefficients"],
      ["x-x", "is zero"],
      ["2*x)", "is no sum of powers of x"],
      ["1/(1+x)", "is no sum of powers of x"],
      ["8/(x*x*x)", "has no antiderivative with whole coefficients"],
      ["((2*x)+(3))", "has no antiderivative with whole coefficients"],
    ]);
    expect(integrandFault("2*x+".repeat(40))).toBe("longer than 90 characters");
  });

  it("loses one or two terms by rule, and stays an integrand", () => {
    const rng = createRng(1);
    for (const root of INTEGRAL_ROOTS) {
      const easier = easierIntegrand({ program: root }, rng) ?? "";
      expect([6, 7]).toContain(termsOf(easier).length);
      expect(integrandFault(easier)).toBeNull();
    }
    expect(easierIntegrand({ program: "2*x" }, rng)).toBeNull();
  });
});
