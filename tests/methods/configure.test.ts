import { describe, expect, it } from "vitest";
import { KelvinError } from "../../src/contracts";
import { configure, findMethod, METHODS, methodInfo, parseSetting } from "../../src/methods";

const azr = findMethod("azr");
const oneShot = findMethod("one-shot");

describe("methods", () => {
  it.each(METHODS)("$name describes every setting and its presets are settings", (method) => {
    expect(Object.keys(method.describe).sort()).toEqual(Object.keys(method.defaults).sort());
    for (const preset of Object.values(method.presets)) expect(() => configure(method, preset as never)).not.toThrow();
    expect(configure(method, {})).toEqual(method.defaults);
    expect(method.presets).toHaveProperty("small");
  });

  it.each(METHODS)("$name can be told to the page", (method) => {
    const info = methodInfo(method);
    expect(structuredClone(info)).toEqual(info);
  });

  it("refuses an unknown method", () => {
    expect(() => findMethod("grpo")).toThrow(/there is no method "grpo"/);
  });

  it.each([
    ["nope", 1, /no setting "nope"/],
    ["toString", 1, /no setting/],
    ["proposals", "8", /must be a number/],
    ["proposals", 2.5, /whole number/],
    ["proposals", -1, /not negative/],
    ["proposals", 1e9, /whole number up to/],
    ["learningRate", Number.NaN, /must be a number/],
    ["temperature", 0, /at least/],
    ["trainProposer", 1, /must be a boolean/],
    ["rewardSource", "luck", /one of verifier, random/],
  ])("refuses %s = %s", (key, value, message) => {
    expect(() => configure(azr, { [key]: value })).toThrow(message);
    expect(() => configure(azr, { [key]: value })).toThrow(KelvinError);
  });

  it("reads --set by the type of the default", () => {
    expect(parseSetting(azr, "proposals=8")).toEqual({ proposals: 8 });
    expect(parseSetting(azr, "trainProposer=false")).toEqual({ trainProposer: false });
    expect(parseSetting(azr, "rewardSource=random")).toEqual({ rewardSource: "random" });
    expect(parseSetting(oneShot, "exampleProgram=def f(x):\\n x=x+1\\n return x")).toEqual({
      exampleProgram: "def f(x):\\n x=x+1\\n return x",
    });
    expect(() => parseSetting(azr, "proposals")).toThrow(/key=value/);
    expect(() => configure(azr, parseSetting(azr, "proposals=many"))).toThrow(/must be a number/);
    expect(() => configure(azr, parseSetting(azr, "trainProposer=maybe"))).toThrow(/must be a boolean/);
  });
});
