import { describe, expect, it } from "vitest";
import type { MethodConfig, MethodInfo } from "../../src/contracts";
import { configure, METHODS } from "../../src/methods";
import {
  checkSetup,
  DEFAULT_SETUP,
  readSetup,
  runConfig,
  settleSetup,
  setupOf,
  shortest,
  writeSetup,
} from "../../src/ui/setup";

const methods = METHODS as unknown as readonly MethodInfo[];

/** What a kept run says of itself once more, as it would be repeated. */
const repeated = (overrides: MethodConfig, evaluateTasks = 100) =>
  shortest(
    setupOf({ method: "azr", model: "kelvin-nano", seed: 4, steps: 9, overrides, evaluateTasks, evaluateEvery: 10 }),
    methods,
  );
const azr = METHODS[0];
if (!azr) throw new Error("no method");
const small = azr.presets["small"] as MethodConfig;

describe("a run that is set up like another", () => {
  it("says only what is unusual", () => {
    expect(repeated({ ...azr.defaults })).toMatchObject({ preset: "full", overrides: {}, evaluate: null });
    expect(repeated({ ...azr.defaults, clip: 0.3 })).toMatchObject({ preset: "full", overrides: { clip: 0.3 } });
    expect(repeated({}, 7)).toMatchObject({ preset: "full", overrides: {}, evaluate: 7 });
  });

  it("finds the preset it was made with, and what was changed in it by hand", () => {
    expect(repeated(small, 24)).toMatchObject({ preset: "small", overrides: {}, evaluate: null });
    expect(repeated({ ...small, temperature: 0.9 })).toMatchObject({
      preset: "small",
      overrides: { temperature: 0.9 },
    });
  });

  it("is the same run", () => {
    for (const overrides of [{}, small, { ...small, clip: 0.3 }, { clip: 0.3 }])
      expect(configure(azr, runConfig(repeated(overrides), methods).overrides)).toEqual(configure(azr, overrides));
  });

  it("stays as it is where its method is not known", () => {
    const setup = { ...DEFAULT_SETUP, overrides: { clip: 0.3 } };
    expect(shortest(setup, [])).toBe(setup);
  });
});

describe("a link that asks for adapters", () => {
  it("says how the weights beside them are held, and nothing without adapters", () => {
    expect(readSetup("?lora=8&base=f16").lora).toMatchObject({ rank: 8, base: "float16" });
    expect(readSetup("?lora=8&base=f32").lora).toEqual(readSetup("?lora=8").lora);
    expect(readSetup("?base=f16").lora).toBeNull();
  });

  it("is refused in one line where it names no precision", () => {
    const attempt = () => checkSetup(readSetup("?preset=full&lora=8&base=f8"), methods);
    expect(attempt).toThrow("“base=f8” is not a precision.");
    expect(() => checkSetup(readSetup("?preset=full&lora=0&base=f16"), methods)).toThrow(/“lora=0” names no adapters/);
  });
});

describe("settings that a link says", () => {
  /** What another visitor's page makes of the link of these settings, once it knows the methods. */
  const opened = (method: string, overrides: MethodConfig) =>
    settleSetup(readSetup(writeSetup({ ...DEFAULT_SETUP, preset: "full", method, overrides })), methods, false);

  it.each<[method: string, overrides: MethodConfig]>([
    ["azr", { proposals: 16, temperature: 0.25, learningRate: 1e-7 }],
    ["azr", { trainProposer: false, rejectConstant: true }],
    ["azr", { rewardSource: "random" }],
    ["one-shot", { exampleInput: "5" }],
    ["one-shot", { exampleInput: "-0.50" }],
    ["one-shot", { exampleInput: "1e3" }],
    ["one-shot", { exampleInput: "true" }],
    ["one-shot", { exampleInput: " 'a b', [1, 2] " }],
    ["one-shot", { exampleInput: "a&b=c+d%2F#e?é" }],
    ["one-shot", { exampleProgram: "def f(x):\\n return x % 2 == 0\n" }],
  ])("come back as they were: %s %j", (method, overrides) => {
    const setup = opened(method, overrides);
    expect(setup.overrides).toEqual(overrides);
    expect(() => checkSetup(setup, methods)).not.toThrow();
    expect(settleSetup(setup, methods, false)).toEqual(setup);
  });

  it.each([
    ["azr", { proposals: "many" }, 'proposals must be a number, not "many"'],
    ["azr", { proposals: "" }, 'proposals must be a number, not ""'],
    ["azr", { temperature: "Infinity" }, 'temperature must be a number, not "Infinity"'],
    ["azr", { trainProposer: "1" }, 'trainProposer must be a boolean, not "1"'],
    ["azr", { constructor: "1" }, 'there is no setting "constructor"'],
  ])("are kept, and named, where they are wrong: %s %j", (method, overrides, message) => {
    const setup = opened(method, overrides);
    expect(setup.overrides).toEqual(overrides);
    expect(() => checkSetup(setup, methods)).toThrow(message);
  });
});
