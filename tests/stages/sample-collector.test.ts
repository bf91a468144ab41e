import { describe, expect, it } from "vitest";
import type { Completion, Group } from "../../src/contracts";
import { SampleCollector } from "../../src/rollout/sample-collector";
import { solverPrompt } from "../../src/tasks/prompts";
import { identityTask } from "../../src/tasks/seeds";
import { ScriptedModel, scriptedTokenizer } from "../train/scripted";

const prompt = solverPrompt(new ScriptedModel(() => ""), "p", identityTask("deduction"));

function completion(text: string): Completion {
  const tokens = Int32Array.of(...scriptedTokenizer.encode(text), scriptedTokenizer.endToken);
  const numbers = new Float32Array(tokens.length);
  return { tokens, logprobs: numbers, entropies: numbers, stop: "eos" };
}

/** A collector of one prompt, and the samples it has handed on, in order. */
function collectorOf(samples: number) {
  const handed: string[] = [];
  const ahead = { begin: (groups: readonly Group[]) => handed.push(...groups.flatMap(idsOf)) };
  return { collector: new SampleCollector(scriptedTokenizer, [{ prompt, samples }], ahead), handed };
}
const idsOf = ({ samples }: Group) => samples.map(({ id }) => id);

describe("a collector", () => {
  it("hands on every sample once, told of early or only at the end", () => {
    const { collector, handed } = collectorOf(3);
    const all = [completion("<ans>1"), completion("<ans>2"), completion("<ans>3")];
    const early = { request: 0, tokens: new Int32Array(0) };
    collector.take([{ ...early, sample: 1, completion: all[1]! }]);
    collector.take([{ ...early, sample: 0 }]);
    expect(handed).toEqual(["p/1"]);
    const before = collector.groups[0]?.samples[1];
    collector.takeAll([all]);
    expect(handed).toEqual(["p/1", "p/0", "p/2"]);
    expect(collector.groups.map(idsOf)).toEqual([["p/0", "p/1", "p/2"]]);
    expect(collector.groups[0]?.samples[1]).toBe(before);
  });

  it("calls a trace what opens the answer, not what stands in it", () => {
    const { collector } = collectorOf(2);
    collector.takeAll([[completion("<think>\n<ans>1"), completion("<ans><think>1")]]);
    expect(collector.groups[0]?.samples.map(({ trace }) => trace)).toEqual([true, false]);
  });

  it("refuses a sample of an unknown request", () => {
    const { collector } = collectorOf(1);
    expect(() => collector.takeAll([[], [completion("")]])).toThrow("a sample of request 1, only 1 were made");
  });
});
