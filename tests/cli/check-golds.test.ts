import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findSuite } from "../../src/cli/suites";
import type { Verifier } from "../../src/contracts";
import { checkGolds } from "../../src/evaluate/check-golds";
import { createNodeVerifier } from "../../src/verify/node";
import { CommandFolder, expectRefused } from "../setup/run-command";

const TASK = { type: "deduction", program: "def f(x):\n return max(x)", input: "[7,6]", output: "7", statements: 1 };

describe("a suite from elsewhere", () => {
  let verifier: Verifier;
  let folder: CommandFolder;
  beforeAll(async () => {
    verifier = await createNodeVerifier({ spare: false });
  });
  afterAll(() => verifier.dispose());
  beforeEach(() => {
    folder = new CommandFolder();
  });
  afterEach(() => folder.remove());
  const suite = (text: string) => {
    const path = join(folder.path, "own.jsonl");
    writeFileSync(path, text);
    return findSuite(path, "nowhere");
  };
  const line = (more: object): string => JSON.stringify({ ...TASK, ...more });

  it("is read with a byte order mark, CRLF, and without a newline at its end", async () => {
    const own = suite(`\ufeff${line({})}\r\n\r\n${line({ output: " 7 # largest" })}`);
    expect(own.tasks).toHaveLength(2);
    await checkGolds(verifier, own);
  });

  it.each([
    [{ output: "8" }, /own\.jsonl, line 2: the output 8 is wrong; for the input \[7,6\] the program gives 7/],
    [{ output: "6+1" }, /own\.jsonl, line 2: the output 6\+1 is not a literal; the program gives 7/],
    [{ output: "7.0" }, /line 2: the output 7\.0 is wrong/],
    [{ program: "def f(x):\n return 1/0" }, /line 2: the program gives no value for the input \[7,6\]/],
    [{ input: "3" }, /line 2: the program gives no value for the input 3/],
    [{ type: "abduction", output: "6" }, /line 2: .* gives 7/],
    [
      { type: "induction", inputs: ["[1]", "[2]", "[3]", "[4]", "[5]"], outputs: ["1", "2", "3", "4", "4"] },
      /line 2: the output 4 is wrong; for the input \[5\] the program gives 5/,
    ],
    [{ type: "integration", program: "1/x" }, /own\.jsonl, line 2: 1\/x has no antiderivative with whole coefficients/],
    [{ type: "integration", program: "2x" }, /own\.jsonl, line 2: 2x is no sum of powers of x/],
  ])("is refused by file, line and value with %j", async (wrong, message) => {
    const own = suite(`${line({})}\n${line(wrong)}\n`);
    await expect(checkGolds(verifier, own)).rejects.toThrow(message);
  });

  it("is checked, and those that ship are not checked at every start", async () => {
    expect(findSuite("in-distribution", "nowhere").file).toBeUndefined();
    expect(suite(line({})).file).toContain("own.jsonl");
  });

  it("of cases is read with a byte order mark", () => {
    const cases = readFileSync("tests/verify/cases.json", "utf8");
    const [first] = JSON.parse(cases) as unknown[];
    folder.write("cases.json", `\ufeff${JSON.stringify([first])}`);
    expect(folder.kelvin("verify", "cases.json")).toMatchObject({ status: 0, stderr: "" });
  });
});

describe("a command refuses in one line", () => {
  let folder: CommandFolder;
  beforeEach(() => {
    folder = new CommandFolder();
    folder.write("file", "x");
  });
  afterEach(() => folder.remove());

  it.each([
    [["train", "azr", "--set", "__proto__=1"], /there is no setting "__proto__"/],
    [["train", "azr", "--set", "constructor=2"], /there is no setting "constructor"/],
    [["train", "azr", "--set", "hasOwnProperty=true"], /there is no setting "hasOwnProperty"/],
    [["train", "azr", "--preset", "__proto__"], /preset/],
    [["train", "azr", "--out", "/proc/x"], /\/proc may not be written/],
    [["train", "azr", "--out", "/proc/x/y/z"], /\/proc may not be written/],
    [["train", "azr", "--out", "/dev/null"], /\/dev\/null is not a folder/],
    [["train", "azr", "--out", "file/run"], /file is not a folder/],
    [["export", "--format", "onnx", "--out", "/proc/x.onnx"], /\/proc may not be written/],
    [["curve", "file", "--out", "x.svg"], /file/],
    [["verify", "."], /cannot read \. \(EISDIR\)/],
  ])("%j", (args, message) => {
    expectRefused(folder.kelvin(...args), message, folder.files());
  });
});
