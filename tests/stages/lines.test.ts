import { describe, expect, it } from "vitest";
import { lineAdvantages, lineRewards } from "../../src/advantage/lines";
import type { Group, Sample } from "../../src/contracts";
import { lineLesson } from "../../src/methods/line-lesson";
import { scriptedTokenizer as tokenizer } from "../train/scripted";

const WORKED = "<think>\n x=x+3#7\n return x*2#14<ans>14";
const spell = (token: number) => tokenizer.decode([token]);

function sample(text: string, advantage: number): Sample {
  const tokens = tokenizer.encode(`${text}<eos>`);
  const trace = text.startsWith("<think>");
  return {
    id: text,
    tokens,
    text,
    logprobs: new Float32Array(tokens.length),
    stop: "eos",
    reward: 0,
    advantage,
    trace,
  };
}

/** The advantages of a text's pieces, each run of equal ones once. */
function told(samples: readonly Sample[], worked: string | null = WORKED): [string, number][][] {
  const all = samples.map(() => worked);
  return lineAdvantages(samples, all, spell, "<eos>").map((advantages, index) => {
    const runs: [string, number][] = [];
    for (const [at, token] of (samples[index]?.tokens ?? []).entries()) {
      const value = Number((advantages[at] ?? Number.NaN).toFixed(6));
      const last = runs.at(-1);
      if (last && last[1] === value && !/^\n|^<ans>/u.test(spell(token))) last[0] += spell(token);
      else runs.push([spell(token), value]);
    }
    return runs;
  });
}

describe("rewards of lines", () => {
  it("run up to the first that is wrong", () => {
    const worked = ["a", "b", "c"];
    expect(lineRewards(["a", "b", "c"], worked)).toEqual([1, 1, 1]);
    expect(lineRewards(["a", "x", "c"], worked)).toEqual([1, 0]);
    expect(lineRewards(["b"], worked)).toEqual([0]);
    expect(lineRewards(["a", "b", "c", "d"], worked)).toEqual([1, 1, 1, 0]);
    expect(lineRewards([], worked)).toEqual([]);
  });
});

describe("advantages of lines", () => {
  it("compare each line with the same line of the others that got so far", () => {
    const right = sample("<think>\n x=x+3#7\n return x*2#14<ans>14", 1);
    const skips = sample("<think>\n return x*2#14<ans>14", -1);
    const slips = sample("<think>\n x=x+3#7\n return x*2#15<ans>15", -1);
    // Line 0: 1, 0, 1, mean 2/3. Line 1: 1 and 0, mean 1/2. The answer: 1 alone, mean 1.
    expect(told([right, skips, slips])).toEqual([
      [
        ["<think>", 1],
        ["\n x=x+3#7", 0.333333],
        ["\n return x*2#14", 0.5],
        ["<ans>14<eos>", 0],
      ],
      [
        ["<think>", -1],
        ["\n return x*2#14", -0.666667],
        ["<ans>14<eos>", 0],
      ],
      [
        ["<think>", -1],
        ["\n x=x+3#7", 0.333333],
        ["\n return x*2#15", -0.5],
        ["<ans>15<eos>", 0],
      ],
    ]);
  });

  it("blame an answer that comes too early, and lines after the last", () => {
    const right = sample("<think>\n x=x+3#7\n return x*2#14<ans>14", 1);
    const early = sample("<think>\n x=x+3#7<ans>14", -1);
    const late = sample("<think>\n x=x+3#7\n return x*2#14\n return x*2#28<ans>28", -1);
    const [, first, second] = told([right, early, late]);
    expect(first?.at(-1)).toEqual(["<ans>14<eos>", -0.666667]);
    expect(second?.slice(-2)).toEqual([
      ["\n return x*2#28", -0.5],
      ["<ans>28<eos>", 0],
    ]);
  });

  it("are the sample's own for an answer without a trace, and for a task without a worked answer", () => {
    const [direct, worked] = [sample("<ans>14", 0.7), sample("<think>\n x=x+3#7\n return x*2#14<ans>14", -0.7)];
    expect(told([direct, worked])[0]).toEqual([["<ans>14<eos>", 0.7]]);
    expect(told([worked], null)[0]?.every(([, value]) => value === -0.7)).toBe(true);
  });
});

describe("the lesson", () => {
  it("weighs tokens by their advantages over their number, and leaves samples without any out", () => {
    const prompt = { id: "p", kind: "solver/deduction", text: "", tokens: Int32Array.of(1, 2), maxNewTokens: 9 };
    const [a, b] = [sample("<ans>1", 0), sample("<ans>2", 0)];
    const groups: Group[] = [{ prompt, samples: [a, b] }];
    const advantages = [Float32Array.of(0.5, 0, -0.5), Float32Array.of(0, 0, 0)];
    const { loss, sequences, learningRate } = lineLesson(groups, advantages, 1e-4);
    expect([loss.kind, learningRate, sequences.length]).toEqual(["likelihood", 1e-4, 1]);
    expect(sequences[0]).toMatchObject({ prompt: prompt.tokens, completion: a.tokens });
    expect(Array.from(sequences[0]?.weights ?? [])).toEqual([0.25, 0, -0.25]);
  });
});
