import { describe, expect, it } from "vitest";
import { createRng } from "../../src/rollout/rng";
import {
  fitsJudging,
  type JudgingManner,
  judgementStart,
  judgePrompt,
  parseJudgement,
} from "../../src/tasks/judgements";
import { answerStanding, compareStandings, proposalStanding, type Standing, toldScore } from "../../src/tasks/standing";
import { ScriptedModel, selfPlay } from "../train/scripted";

const policy = new ScriptedModel(selfPlay);
const query = { kind: "deduction", question: "<ded>def f(x):\n return x+1<in>4<out>", tried: "<ans>5" } as const;

describe("a judgement", () => {
  it("is asked for in the corpus's words: the query's own prompt, one try, and how it begins", () => {
    const prompt = judgePrompt(policy, "q", query, "<rule>", { start: "<rule>" });
    expect(prompt.text).toBe("<judge><ded>def f(x):\n return x+1<in>4<out><try><ans>5<rule>");
    expect(policy.tokenizer.decode(prompt.tokens)).toBe(prompt.text);
    expect(prompt.kind).toBe("judge/deduction");
    expect(prompt.maxNewTokens).toBe(policy.contextLength - prompt.tokens.length);
  });

  it.each<[JudgingManner, string | RegExp]>([
    [{ judgement: "worked", principles: "own" }, "<rule>"],
    [{ judgement: "worked", principles: "none" }, "<check>"],
    [{ judgement: "worked", principles: "random" }, /^<rule>(?:fitsshort|runsvaried)<check>$/],
    [{ judgement: "score", principles: "own" }, "<score>"],
  ])("made as %j begins with %s", (manner, start) => {
    expect(judgementStart(manner, "deduction", createRng(1))).toMatch(start);
  });

  it("is read back, principles, checks and score", () => {
    const check = "\n x=x+3#7ok\n if x<3:x=x+1#7ok\n return x*2no14";
    expect(parseJudgement("<rule>", `valuelines<check>${check}<score>2`, "eos")).toEqual({
      ...{ rule: "valuelines", check, score: 2 },
    });
    expect(parseJudgement("<score>", "10", "eos")).toEqual({ rule: "", check: "", score: 10 });
    expect(parseJudgement("<check>", "\n return x+1#5ok<score>8", "eos")?.score).toBe(8);
    expect(parseJudgement("", "<score>0", "eos")?.score).toBe(0);
  });

  it.each([
    ["<score>", "11", "eos"],
    ["<score>", "-1", "eos"],
    ["<score>", "", "eos"],
    ["<score>", "7", "length"],
    ["<rule>", "valuelines<score>7", "eos"],
    ["<rule>", "valuelines<check>\n return x#1ok", "eos"],
    ["<rule>", "valuelines<check>\n return x<try>5<score>7", "eos"],
    ["<rule>", "valuelines<check>\n return x<score>5<score>7", "eos"],
  ] as const)("that continues %s with %j and ends by %s cannot be read", (start, text, stop) => {
    expect(parseJudgement(start, text, stop)).toBeNull();
  });

  it("has room for what it checks, or is not asked for", () => {
    const short = { ...policy, tokenizer: policy.tokenizer, contextLength: 64 };
    expect(fitsJudging(short, query)).toBe(true);
    expect(fitsJudging(short, { ...query, tried: `<think>${"\n x=x+1#5".repeat(8)}<ans>5` })).toBe(false);
  });
});

const of = (right: boolean, complete = false, statements = 0): Standing => ({ right, complete, statements });

describe("the rules of a better try", () => {
  it.each<[Standing, Standing, number]>([
    [of(true), of(false), 1],
    [of(false, true), of(true), -1],
    [of(true, true), of(true, false), 1],
    [of(true, false, 1), of(true, false, 3), 1],
    [of(true, false, 3), of(true, false, 1), -1],
    [of(true, true, 2), of(true, true, 2), 0],
    [of(false, true, 1), of(false, false, 3), 0],
  ])("%j against %j: %d", (a, b, sign) => {
    expect(Math.sign(compareStandings(a, b))).toBe(sign);
  });

  const program = "def f(x):\n x=x+3\n return x*2";
  it.each([
    ["deduction", "<think>\n x=x+3#7\n return x*2#14<ans>14", true],
    ["deduction", "<think>\n return x*2#14<ans>14", false],
    ["deduction", "<ans>14", false],
    ["abduction", "<think>\n return x*2#7\n x=x+3#4<ans>4", true],
    ["abduction", "<think>\n x=x+3#7\n return x*2#14<ans>4", false],
  ] as const)("of a %s, %j is complete: %s", (type, text, complete) => {
    expect(answerStanding({ type, program }, text, true)).toEqual(of(true, complete));
  });

  it("count the statements of a program that is a try", () => {
    expect(answerStanding({ type: "induction", program: "" }, `<ans>${program}`, true)).toEqual(of(true, false, 2));
    expect(proposalStanding(`${program}<in>4`, false)).toEqual(of(false, false, 2));
  });

  it("tell a hinted judge the corpus's scores", () => {
    expect(toldScore("deduction", of(true, true))).toBe(10);
    expect(toldScore("abduction", of(true))).toBe(8);
    expect(toldScore("induction", of(true, false, 3))).toBe(8);
    expect(toldScore("proposal", of(true, false, 9))).toBe(5);
    expect(toldScore("proposal", of(false, false, 1))).toBe(1);
  });
});
