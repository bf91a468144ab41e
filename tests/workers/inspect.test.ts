import { expect, it } from "vitest";
import { wantsReference } from "../../src/workers/inspect";

it.each([
  ["1-shot RLVR as it is", "one-shot", {}, true],
  ["without its penalty", "one-shot", { klCoefficient: 0 }, false],
  [
    "without it, as a link says it before the methods are known",
    "one-shot",
    { klCoefficient: "0", groups: "2" },
    false,
  ],
  ["AZR as it is", "azr", {}, false],
  ["a method and settings that there are not", "other", { nothing: "4" }, false],
])("a reference is counted where the loss needs one: %s", (_, method, overrides, wanted) => {
  expect(wantsReference({ method, overrides })).toBe(wanted);
});
