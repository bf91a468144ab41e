import { describe, expect, it } from "vitest";
import type { Completion, LiveTokens, Policy, SamplingRequest } from "../../src/contracts";
import { createRng } from "../../src/rollout/rng";
import { rollout } from "../../src/rollout/rollout";
import { proposerPrompt, solverPrompt } from "../../src/tasks/prompts";
import { identityTask } from "../../src/tasks/seeds";
import { drain, ScriptedModel, scriptedTokenizer } from "../train/scripted";

const model = new ScriptedModel((_, rng) => `<think>\n<ans>${rng.below(1000)}`);
const draws = [
  { prompt: solverPrompt(model, "a", identityTask("deduction")), samples: 3, purpose: "train" as const },
  {
    prompt: proposerPrompt(model, "b", "abduction", "def f(x):\n return x"),
    samples: 1,
    purpose: "learnability" as const,
  },
];

describe("rollout", () => {
  it("turns prompts into groups, in order, with every sample told", async () => {
    const { events, result } = await drain(rollout(model, draws, { temperature: 1, rng: createRng(1) }));
    expect(result.map(({ samples }) => samples.map(({ id }) => id))).toEqual([["a/0", "a/1", "a/2"], ["b/0"]]);
    const told = events.flatMap((event) => (event.type === "rollout.sample" ? [event] : []));
    expect(told.map(({ sample, purpose }) => `${sample.id} ${purpose}`)).toEqual([
      "a/0 train",
      "a/1 train",
      "a/2 train",
      "b/0 learnability",
    ]);
    const [first] = told;
    expect(first?.prompt).not.toHaveProperty("tokens");
    expect(first?.sample.pieces.join("")).toBe(`${first?.sample.text}<eos>`);
    expect(first?.sample.logprobs).toEqual(Array.from({ length: first?.sample.pieces.length ?? 0 }, () => -0.25));
    expect(first?.sample.trace).toBe(true);
    expect(JSON.parse(JSON.stringify(told))).toEqual(told);
  });

  it("seeds by prompt, so that order and company do not matter", async () => {
    const texts = async (which: typeof draws) => {
      const { result } = await drain(rollout(model, which, { temperature: 1, rng: createRng(1) }));
      return new Map(result.flatMap(({ samples }) => samples.map(({ id, text }) => [id, text] as const)));
    };
    const all = await texts(draws);
    const reversed = await texts([...draws].reverse());
    expect([...reversed].sort()).toEqual([...all].sort());
    expect((await texts(draws.slice(0, 1))).get("a/1")).toBe(all.get("a/1"));
    expect(new Set(["a/0", "a/1", "a/2"].map((id) => all.get(id))).size).toBe(3);
  });

  it("draws with every option it is given, and with none that it is not", async () => {
    const asked = new ScriptedModel(() => "<ans>1");
    const rng = createRng(1);
    const cut = { temperature: 0.6, topK: 20, topP: 0.95, minP: 0.05, stopTokens: [3], stopStrings: ["\n\n"] };
    await drain(rollout(asked, draws, { ...cut, rng }));
    await drain(rollout(asked, draws, { temperature: 1, rng, ahead: { begin() {} } }));
    expect(asked.sampling).toEqual([cut, { temperature: 1 }]);
  });

  it("shows tokens while they are written and drops the end token from the text", async () => {
    const policy: Policy = {
      tokenizer: scriptedTokenizer,
      contextLength: 100,
      score: async () => [],
      async *generate(requests: readonly SamplingRequest[]): AsyncGenerator<LiveTokens[], Completion[][]> {
        yield [{ request: 0, sample: 1, tokens: scriptedTokenizer.encode("<ans>") }];
        const tokens = Int32Array.of(...scriptedTokenizer.encode("<ans>7"), 1);
        const logprobs = Float32Array.from(tokens, () => -0.123456);
        const entropies = Float32Array.from(tokens, () => 0.3333);
        return requests.map(({ samples }) =>
          Array.from({ length: samples }, () => ({ tokens, logprobs, entropies, stop: "eos" as const })),
        );
      },
    };
    const { events, result } = await drain(rollout(policy, draws, { temperature: 1, rng: createRng(1) }));
    expect(events[0]).toEqual({
      type: "live.tokens",
      kind: "solver/deduction",
      promptId: "a",
      sampleIndex: 1,
      text: "<ans>",
    });
    expect(result[0]?.samples[0]?.text).toBe("<ans>7");
    expect(events[1]).toMatchObject({
      sample: { logprobs: [-0.1235, -0.1235, -0.1235], entropies: [0.33, 0.33, 0.33] },
    });
  });

  it("asks for nothing when there is nothing to ask", async () => {
    expect((await drain(rollout(model, [], { temperature: 1, rng: createRng(1) }))).result).toEqual([]);
  });
});
