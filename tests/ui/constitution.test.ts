import { describe, expect, it } from "vitest";
import { LAW_WORDS, type Metrics } from "../../src/contracts";
import type { SampleRecord } from "../../src/telemetry/state";
import { brokenIn, chosenIn, linkOf, listed, raised, toggled } from "../../src/ui/learn/constitution";
import { EXAMPLE_REVISION, isNamed, revisionsIn } from "../../src/ui/learn/revisions";
import { readSetup } from "../../src/ui/setup";

const law = (name: string) => LAW_WORDS.find((one) => one.name === name)!;

describe("a visitor's constitution", () => {
  it("is chosen and put into order", () => {
    const chosen = chosenIn("%, if,never");
    expect(chosen).toEqual(["%", "if"]);
    expect(toggled(chosen, "[")).toEqual(["%", "if", "["]);
    expect(toggled(chosen, "%")).toEqual(["if"]);
    expect(raised(["%", "if", "["], "[")).toEqual(["%", "[", "if"]);
    expect(raised(chosen, "%")).toEqual(chosen);
    expect(listed(["[", "%"]).map(({ name }) => name)).toEqual(["[", "%", "//", "*", "if", "1", "2", "3"]);
  });

  it("is a link that the page reads as it was meant", () => {
    const setup = readSetup(linkOf(["%", "//", "["]));
    expect(setup.method).toBe("rlaif");
    expect(setup.overrides).toEqual({ laws: "%,//,[" });
  });

  it("has shares before, held out and of the latest step that proposed", () => {
    const metrics: Metrics[] = [{}, { "laws/breaks/modulo": 0.2 }, { "laws/breaks/modulo": 0.05 }];
    const history = metrics.map((one) => ({ metrics: one }));
    const exam = (suite: string, step: number, value: number) => ({
      ...{ suite, step, measures: [{ name: "breaks/modulo", value, n: 100 }] },
    });
    const evaluations = [exam("rlaif", 0, 0.4), exam("other", 0, 0.9), exam("rlaif", 20, 0.1)];
    expect(brokenIn({ evaluations, history }, law("%"))).toEqual({ before: 0.4, heldOut: 0.1, step: 0.05 });
    expect(brokenIn({ evaluations, history }, law("//"))).toEqual({ before: null, heldOut: null, step: null });
  });
});

describe("critiques and revisions of a step", () => {
  const record = (text: string, verdict?: "VALID" | "FORMAT"): SampleRecord => ({
    prompt: { id: "-1/revise/0/0", kind: "proposer/deduction", text, maxNewTokens: 60 },
    sample: { id: "s", text: "def f(x):\n return x+1<in>4", pieces: [], logprobs: [], stop: "eos", trace: false },
    purpose: "train",
    ...(verdict && { verdict: { verdict, reason: "" } }),
  });
  const FIX = "<fix><law>if <try>def f(x):\n if x>1:x=2\n return x<check>if x>1:x=2<new>";

  it("are read from the prompts, with the verdict", () => {
    const samples = new Map([
      ["a", record(FIX, "VALID")],
      ["b", record("<pded>def f(x):\n return x<new>")],
      ["c", record("<fix><law>%<try>def f(x):\n return x<check><new>", "FORMAT")],
      ["d", record(FIX)],
    ]);
    const [first, blind, unread, ...others] = revisionsIn({ samples });
    expect(first).toEqual({
      ...{ law: "if", program: "def f(x):\n if x>1:x=2\n return x", critique: "if x>1:x=2" },
      ...{ revised: "def f(x):\n return x+1", valid: true },
    });
    expect(first?.program.split("\n").map((line) => isNamed(line, first))).toEqual([false, true, false]);
    expect(blind).toMatchObject({ law: "%", critique: "", valid: false });
    expect(isNamed("", blind!)).toBe(false);
    expect(unread?.valid).toBeNull();
    expect(others).toEqual([]);
  });

  it("have an example whose critique names a line of its program, and whose revision lacks it", () => {
    const { program, revised, critique } = EXAMPLE_REVISION;
    expect(program.split("\n").filter((line) => isNamed(line, EXAMPLE_REVISION))).toHaveLength(1);
    expect(critique).toContain(EXAMPLE_REVISION.law);
    expect(revised).not.toContain(EXAMPLE_REVISION.law);
  });
});
