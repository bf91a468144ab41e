import { describe, expect, it } from "vitest";
import { canGoFirst, composed } from "../../src/tasks/compose";

const PLUS = "def f(x):\n return x+1";

describe("composite programs", () => {
  it.each([
    [PLUS, "def f(x):\n return x*2", "def f(x):\n x=x+1\n return x*2"],
    ["def f(x):\n x=x*3\n return x", PLUS, "def f(x):\n x=x*3\n return x+1"],
    [
      "def f(x):\n if x>3:x=0\n return x-2",
      "def f(x):\n x=x+5\n return x",
      "def f(x):\n if x>3:x=0\n x=x-2\n x=x+5\n return x",
    ],
  ])("run the second on what the first leaves", (first, second, both) => {
    expect(composed(first, second)).toBe(both);
    expect(canGoFirst(first)).toBe(true);
  });

  it.each(["def f(x):\n return x", "def f(x):\n if x>3:return 1\n return x+1", "def f(x):\n x=x+1", ""])(
    "are not made of a first program that ends elsewhere or changes nothing: %j",
    (first) => {
      expect(composed(first, PLUS)).toBeNull();
      expect(canGoFirst(first)).toBe(false);
    },
  );
});
