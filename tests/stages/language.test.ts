import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSuite } from "../../src/evaluate/suite";
import {
  canonical,
  compact,
  countStatements,
  isValue,
  messageFault,
  programFault,
  readOperators,
} from "../../src/tasks/language";

const shippedTasks = parseSuite("shipped", readFileSync("public/suites/in-distribution.jsonl", "utf8")).tasks;

describe("values", () => {
  it.each(["0", "7", "-1", "99", "-99", "[]", "[1]", "[1,-2,0,99,5,6]"])("%s is a value", (text) => {
    expect(isValue(text)).toBe(true);
  });

  it.each([
    "",
    "100",
    "-100",
    "007",
    "-0",
    "+1",
    "1.0",
    "True",
    "None",
    "'a'",
    "(1,2)",
    "[1,]",
    "[[1]]",
    "[100]",
    "[1,2,3,4,5,6,7]",
    "[1, 2]",
    "x",
    "1;2",
  ])("%s is none", (text) => {
    expect(isValue(text)).toBe(false);
  });

  it("accepts exactly the ints and lists of the domain", () => {
    const int = fc.integer({ min: -150, max: 150 });
    fc.assert(fc.property(int, (value) => isValue(String(value)) === Math.abs(value) <= 99));
    fc.assert(
      fc.property(fc.array(int, { maxLength: 9 }), (list) => {
        expect(isValue(canonical(JSON.stringify(list)))).toBe(
          list.length <= 6 && list.every((value) => Math.abs(value) <= 99),
        );
      }),
    );
  });

  it("writes literals without blanks", () => {
    expect(canonical("[1, 2,\n3]")).toBe("[1,2,3]");
  });
});

describe("programs", () => {
  it("counts the lines of the body, and what follows a semicolon", () => {
    expect(countStatements("def f(x):\n return x")).toBe(1);
    expect(countStatements("def f(x):\n x=x+1\n if x>3:x=2\n return x")).toBe(3);
    expect(countStatements("def f(x):\n x=x+1;x=x+2\n return x")).toBe(3);
  });

  it("names what is wrong with a program's shape", () => {
    expect(programFault("def f(x):\n return x+1")).toBeNull();
    expect(programFault("def g(x):\n return x")).toMatch(/def f/);
    expect(programFault("def f(x):\n return x#15")).toMatch(/comment/);
    expect(programFault("def f(x):\n return x+100")).toMatch(/constant/);
    const ofLength = (length: number) => `def f(x):\n return ${"x".repeat(length - 18)}`;
    expect(programFault(ofLength(160))).toBeNull();
    expect(programFault(ofLength(161))).toMatch(/longer than 160 characters/);
  });
});

describe("messages", () => {
  const program = "def f(x):\n x=x[::-1]\n return sum(x)//2+1";

  it("reads the longest operator first", () => {
    expect(readOperators("//+")).toEqual(["//", "+"]);
    expect(readOperators("")).toEqual([]);
    expect(readOperators("+x")).toBeNull();
  });

  it("may be empty or name operators of the program, and nothing else", () => {
    expect(messageFault("", program)).toBeNull();
    expect(messageFault("[::-1]//", program)).toBeNull();
    expect(messageFault("%", program)).toMatch(/names %/);
    expect(messageFault("return sum(x)", program)).toMatch(/not a list/);
    expect(messageFault("+".repeat(7), program)).toMatch(/more than 6/);
    expect(messageFault(" for a in x", "def f(x):\n return [a+1 for a in x]")).toBeNull();
  });
});

describe("compact", () => {
  it.each([
    ["def f(x):\n    x = x + 1\n    return x * 2\n", "def f(x):\n x=x+1\n return x*2"],
    [
      "def f(x):\n\tif x > 3: x = x - 1\n\treturn [a * 2 for a in x]",
      "def f(x):\n if x>3:x=x-1\n return [a*2 for a in x]",
    ],
    [
      "def f(x):\n  for i in range(3):\n     x = x + i\n  return x",
      "def f(x):\n for i in range(3):\n  x=x+i\n return x",
    ],
    ["def f(x):\n return (x) if x else [1]", "def f(x):\n return (x) if x else [1]"],
    ["def f(x):\n return 'a  b'", "def f(x):\n return 'a  b'"],
  ])("writes %j as the models do", (written, expected) => {
    expect(compact(written)).toBe(expected);
  });

  it("leaves what is compact as it is", () => {
    for (const { program } of shippedTasks) expect(compact(program)).toBe(program);
  });
});
