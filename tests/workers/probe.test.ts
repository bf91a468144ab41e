import { describe, expect, it } from "vitest";
import { type Json, KelvinError, type Task } from "../../src/contracts";
import { probeOf, probeSuite } from "../../src/workers/probe";
import { plusThree } from "../plus-three";
import { scriptedTokenizer } from "../train/scripted";

const task = (id: string, changes: Partial<Task> = {}) => plusThree({ id, ...changes });

describe("a run's own tasks", () => {
  it("are those that it began with, through every checkpoint", () => {
    const state = { prepared: false, memory: new Map<string, Json>() };
    expect(probeOf(state, [task("yours/1")])).toEqual([task("yours/1")]);
    const saved = JSON.parse(JSON.stringify([...state.memory])) as [string, Json][];
    const resumed = { prepared: true, memory: new Map(saved) };
    expect(probeOf(resumed, [task("yours/2"), task("yours/3")])).toEqual([task("yours/1")]);
  });

  it("are none for a run that began without", () => {
    expect(probeOf({ prepared: true, memory: new Map() }, [task("yours/1")])).toEqual([]);
    const fresh = { prepared: false, memory: new Map<string, Json>() };
    expect(probeOf(fresh, [])).toEqual([]);
    // A run without own tasks is, to the byte, what it was before there could be any.
    expect(fresh.memory.size).toBe(0);
  });

  it("leave out what the model cannot spell, and are no suite when nothing is left", () => {
    const encode = (text: string) => {
      if (text.includes("abs")) throw new KelvinError("input", "the model's vocabulary cannot spell it");
      return scriptedTokenizer.encode(text);
    };
    const policy = { tokenizer: { ...scriptedTokenizer, encode }, contextLength: 400 };
    const strange = task("yours/2", { program: "def f(x):\n return abs(x)" });
    expect(probeSuite(policy, [task("yours/1"), strange])).toEqual([
      { name: "your-tasks", tasks: [task("yours/1")], probe: true },
    ]);
    expect(probeSuite(policy, [strange])).toEqual([]);
  });
});
