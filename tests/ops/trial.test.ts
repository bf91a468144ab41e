import { describe, expect, it } from "vitest";
import { fastest, type Trial } from "../../src/ops/trial";

type Way = "forward" | "backward";
type Variant = "plain" | "tiled" | "subgroup";

/** Milliseconds forward and backward. */
type Times = Readonly<Record<Variant, readonly [number, number]>>;

function trial(times: Times, changes: Partial<Trial<Way, Variant>> = {}) {
  const timed: string[] = [];
  const limits: number[] = [];
  const chosen = fastest<Way, Variant>({
    ways: ["forward", "backward"],
    usual: "tiled",
    candidates: ["subgroup", "tiled", "plain"],
    deadline: Number.POSITIVE_INFINITY,
    gate: async (variant) => ({ forward: variant, backward: variant }),
    time: async (variant, way, limit) => {
      timed.push(`${variant} ${way}`);
      limits.push(limit);
      return times[variant][way === "forward" ? 0 : 1];
    },
    ...changes,
  });
  return { chosen, timed, limits };
}

describe("the fastest variant", () => {
  it("is chosen each way by itself, the usual one timed first and once", async () => {
    const { chosen, timed, limits } = trial({ tiled: [10, 10], subgroup: [5, 12], plain: [6, 4] });
    expect(await chosen).toEqual({ forward: "subgroup", backward: "plain" });
    expect(timed.map((name) => name.split(" ")[0])).toEqual([
      "tiled",
      "tiled",
      "subgroup",
      "subgroup",
      "plain",
      "plain",
    ]);
    const { POSITIVE_INFINITY } = Number;
    expect(limits).toEqual([POSITIVE_INFINITY, POSITIVE_INFINITY, 10, 10, 5, 10]);
  });

  it("is the usual one unless another is clearly faster", async () => {
    expect(await trial({ tiled: [10, 10], subgroup: [9.4, 9.2], plain: [20, 20] }).chosen).toEqual({
      forward: "tiled",
      backward: "subgroup",
    });
  });

  it("is never one that the gate turns down, the usual one included", async () => {
    const gate: Trial<Way, Variant>["gate"] = async (variant) =>
      variant === "plain"
        ? { forward: "plain", backward: "plain" }
        : { forward: variant === "tiled" ? "plain" : variant, backward: "plain" };
    const times: Times = { tiled: [1, 1], subgroup: [10, 1], plain: [20, 20] };
    const { chosen, timed } = trial(times, { gate });
    expect(await chosen).toEqual({ forward: "subgroup", backward: "plain" });
    expect(timed).toEqual(["subgroup forward", "plain forward", "plain backward"]);
    // Without time for another, what the gate puts in its place.
    expect(await trial(times, { gate, deadline: 0 }).chosen).toEqual({ forward: "plain", backward: "plain" });
  });

  it("is not looked for after the deadline", async () => {
    const { chosen, timed } = trial({ tiled: [10, 10], subgroup: [1, 1], plain: [1, 1] }, { deadline: 0 });
    expect(await chosen).toEqual({ forward: "tiled", backward: "tiled" });
    expect(timed).toEqual(["tiled forward", "tiled backward"]);
  });
});
