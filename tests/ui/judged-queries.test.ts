import { describe, expect, it } from "vitest";
import type { SampleRecord } from "../../src/telemetry/state";
import { countAfter, EXAMPLE, judgedQueries, roundsOf } from "../../src/ui/learn/judged-queries";

const record = (side: 0 | 1, index: number, text: string, stop: "eos" | "length" = "eos"): [string, SampleRecord] => {
  const about = { query: "q/1", start: "<rule>", isBetter: side === 0, right: side === 0 };
  const prompt = {
    ...{ id: `4/judge/0/${side}`, kind: "judge/deduction", maxNewTokens: 9, about },
    text: `<judge><ded>def f(x):\n return x+1<in>4<out><try><ans>${side === 0 ? 5 : 6}<rule>`,
  };
  const sample = { id: `${prompt.id}/${index}`, text, pieces: [], logprobs: [], stop, trace: false };
  return [sample.id, { prompt, sample, purpose: "train" }];
};
const judged = (side: 0 | 1, scores: readonly number[]) =>
  scores.map((score, index) => record(side, index, `valuelines<check>\n return x+1#5ok<score>${score}`));

describe("the judgements of a step", () => {
  it("stand by query, the better try first, with what the prompt began", () => {
    const samples = new Map([...judged(1, [6, 7, 7, 6]), ...judged(0, [8, 9, 7, 8])]);
    const [query, ...others] = judgedQueries({ samples });
    expect(others).toEqual([]);
    expect(query).toMatchObject({ id: "q/1", question: "<ded>def f(x):\n return x+1<in>4<out>" });
    expect(query?.tries.map(({ tried, isBetter }) => [tried, isBetter])).toEqual([
      ["<ans>5", true],
      ["<ans>6", false],
    ]);
    expect(query?.tries[0].judgements[0]?.text).toBe("<rule>valuelines<check>\n return x+1#5ok<score>8");
    expect(roundsOf(query!)).toBe(4);
    expect(countAfter(query!, 4)).toEqual({ sums: [32, 26], verdict: "right" });
    expect(countAfter(query!, 1)).toEqual({ sums: [8, 6], verdict: "right" });
  });

  it("that cannot be read take their round out of the vote", () => {
    const cut = record(0, 1, "valuelines<check>\n return x+1#5ok<score>1", "length");
    const bad = record(1, 2, "valuelines<check>\n return x+1");
    const first = judged(0, [2, 0, 9]).map((one, place) => (place === 1 ? cut : one));
    const second = judged(1, [2, 9, 0]).map((one, place) => (place === 2 ? bad : one));
    const [query] = judgedQueries({ samples: new Map([...first, ...second]) });
    expect(query?.tries[0].judgements.map(({ score }) => score)).toEqual([2, null, 9]);
    expect(countAfter(query!, 3)).toEqual({ sums: [2, 2], verdict: "tie" });
  });

  it("of one try alone are no query, and other samples are none either", () => {
    expect(judgedQueries({ samples: new Map(judged(0, [8])) })).toEqual([]);
    const [id, other] = record(0, 0, "x");
    expect(
      judgedQueries({ samples: new Map([[id, { ...other, prompt: { ...other.prompt, kind: "solver/deduction" } }]]) }),
    ).toEqual([]);
  });
});

describe("the example", () => {
  it("is wrong with one vote and right with eight, by the scores that its texts end with", () => {
    for (const { judgements } of EXAMPLE.tries)
      for (const { text, score } of judgements) expect(text.endsWith(`<score>${score}`)).toBe(true);
    expect(roundsOf(EXAMPLE)).toBe(8);
    expect(countAfter(EXAMPLE, 1).verdict).toBe("wrong");
    expect(countAfter(EXAMPLE, 2).verdict).toBe("tie");
    expect(countAfter(EXAMPLE, 8)).toEqual({ sums: [64, 40], verdict: "right" });
  });
});
