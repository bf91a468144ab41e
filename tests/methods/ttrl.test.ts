import { describe, expect, it } from "vitest";
import type { RunConfig, StageEvent, Verdict } from "../../src/contracts";
import { configure, findMethod } from "../../src/methods";
import { type TtrlConfig, ttrl } from "../../src/methods/ttrl";
import { train } from "../../src/train";
import { drain, FakeVerifier, type Script, ScriptedModel, selfPlay } from "../train/scripted";
import { world } from "../train/world";
import { creditedGroups, scriptedStep } from "./world";

/** Proposes as self-play does; the answers to a deduction are these, one after another. */
function voters(answers: readonly string[]): Script {
  let next = 0;
  return (prompt, rng, skill) => {
    if (!prompt.startsWith("<ded>")) return selfPlay(prompt, rng, skill);
    return answers[next++ % answers.length] ?? "";
  };
}

async function collected(answers: readonly string[], config: Partial<TtrlConfig> = {}, verifier = new FakeVerifier()) {
  const policy = new ScriptedModel(voters(answers));
  const few = { pool: 4, tasks: 1, samples: answers.length, ...config };
  const step = scriptedStep(ttrl, few, { policy, verifier });
  await drain(ttrl.prepare(step));
  const { events, result } = await drain(ttrl.collect(step));
  return { events, sequences: result[0]?.sequences ?? [], group: creditedGroups(events)[0] };
}

const metricsOf = (events: readonly StageEvent[]) =>
  events.flatMap((event) => (event.type === "stage.metrics" ? [event.metrics] : []))[0];

const EIGHT = ["5", "5", "5", "5", "7", "7", "9"].map((value) => `<ans>${value}`).concat("<think>no end");

describe("ttrl", () => {
  it("pays who agrees with the majority; who cannot be read does not vote", async () => {
    const { group, events } = await collected(EIGHT);
    expect(group?.samples.map(({ reward }) => reward)).toEqual([1, 1, 1, 1, 0, 0, 0, 0]);
    expect(metricsOf(events)?.["vote/ratio"]).toBeCloseTo(4 / 7, 10);
    expect(metricsOf(events)?.["vote/labelled"]).toBe(1);
  });

  it("says what a trace earns more than a bare answer, without a label", async () => {
    const worked = (value: string) => `<think>\n x#${value}<ans>${value}`;
    const { events } = await collected([worked("5"), worked("5"), worked("9"), "<ans>5", "<ans>7", "<ans>8"]);
    // Two of three traces agree with the majority, and one of three bare answers.
    expect(metricsOf(events)?.["vote/tracePays"]).toBeCloseTo(2 / 3 - 1 / 3, 12);
    const bare = await collected(["<ans>5", "<ans>5", "<ans>7"]);
    expect(metricsOf(bare.events)).not.toHaveProperty("vote/tracePays");
  });

  it("counts values, not spellings", async () => {
    const { group } = await collected(["<ans>[1, 2]", "<think>\n x#1<ans>[1,2]", "<ans>7", "<ans>hello"]);
    expect(group?.samples.map(({ reward }) => reward)).toEqual([1, 1, 0, 0]);
  });

  it.each([
    ["a tie", ["<ans>5", "<ans>5", "<ans>7", "<ans>7"]],
    ["one voice", ["<ans>5", "<ans>5", "<ans>5", "<ans>5"]],
    ["no voter", ["<ans>", "no", "nothing", "<think>"]],
  ])("learns nothing from %s", async (_, answers) => {
    const { sequences } = await collected(answers);
    expect(sequences).toEqual([]);
  });

  it("never learns from the truth: other verdicts change no sequence", async () => {
    class Contrary extends FakeVerifier {
      override async deduce(jobs: Parameters<FakeVerifier["deduce"]>[0]): Promise<Verdict[]> {
        const verdicts = await super.deduce(jobs);
        return verdicts.map((one) => ({ ...one, verdict: one.verdict === "CORRECT" ? "WRONG" : "CORRECT" }));
      }
    }
    const honest = await collected(EIGHT);
    const contrary = await collected(EIGHT, {}, new Contrary());
    expect(honest.sequences.length).toBeGreaterThan(0);
    expect(contrary.sequences).toEqual(honest.sequences);
    expect(contrary.group?.samples.map(({ verdict }) => verdict?.verdict)).not.toEqual(
      honest.group?.samples.map(({ verdict }) => verdict?.verdict),
    );
  });

  it("learns from it where it is told to, which is the control", async () => {
    const { group } = await collected(EIGHT, { labels: "true" });
    for (const { verdict, reward } of group?.samples ?? []) expect(reward === 1).toBe(verdict?.verdict === "CORRECT");
  });

  it("ends a run whose answers agree more and more while traces become rare, and leaves it to be resumed", async () => {
    // From step to step one more of sixteen says 7 at once, and one fewer works it out.
    let asked = 0;
    const collapse: Script = (prompt, rng, skill) => {
      if (!prompt.startsWith("<ded>")) return selfPlay(prompt, rng, skill);
      const [step, sample] = [Math.floor(asked / 16), asked++ % 16];
      return sample < step ? "<ans>7" : `<think>\n x#${sample}<ans>${sample % 10}`;
    };
    const policy = new ScriptedModel(collapse);
    const method = findMethod("ttrl");
    const run: RunConfig = {
      ...{ method: "ttrl", model: "scripted", seed: 1, steps: 60, evaluateTasks: 0, evaluateEvery: 0 },
      overrides: { pool: 4, tasks: 1, samples: 16 },
    };
    const { events } = await drain(
      train(method, configure(method, run.overrides), run, world({ policy, learner: policy })),
    );
    const end = events.at(-1);
    expect(end).toMatchObject({
      type: "run.end",
      reason: "stopped",
      message: expect.stringMatching(/monitor ended the run/),
    });
    expect(end?.type === "run.end" && end.step).toBeLessThan(60);
  });
});
