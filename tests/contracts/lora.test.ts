import { describe, expect, it } from "vitest";
import {
  adapterSettings,
  formatBase,
  formatLora,
  LORA_TARGETS,
  loraProblem,
  overBase,
  readLora,
} from "../../src/contracts";

describe("settings of a run that trains adapters", () => {
  it("have ten times the learning rate, where there is one", () => {
    expect(adapterSettings({ learningRate: 1.5e-4, clip: 0.2 })).toEqual({ learningRate: 0.0015 });
    expect(adapterSettings({ learningRate: 3e-4 })).toEqual({ learningRate: 0.003 });
    expect(adapterSettings({ clip: 0.2 })).toEqual({});
  });
});

describe("the form of adapters in a command line or a link", () => {
  it("is a rank, an alpha of twice the rank and every projection, unless it says more", () => {
    expect(readLora("8")).toEqual({ rank: 8, alpha: 16, targets: LORA_TARGETS });
    expect(readLora("3:0.5")).toEqual({ rank: 3, alpha: 0.5, targets: LORA_TARGETS });
    expect(readLora("5:10:down,q")).toEqual({ rank: 5, alpha: 10, targets: ["q", "down"] });
  });

  it.each(["8", "8:8", "3:0.5:q,v", "1:2:gate"])("is written as it is read: %s", (text) => {
    expect(loraProblem(readLora(text))).toBeNull();
    expect(formatLora(readLora(text))).toBe(text);
  });

  it.each(["", "0", "-1", "2.5", "q", "4:", "4:0", "4:x", "4:8:", "4:8:head", "4:8:q,q", "4:8:q:v", "1e9"])(
    "is not %j",
    (text) =>
      expect(loraProblem(readLora(text))).toMatchObject({ wrong: expect.any(String), hint: expect.any(String) }),
  );
});

describe("the precision of frozen weights in a command line or a link", () => {
  const lora = readLora("8");

  it("is f32 or f16, and nothing where it is float32", () => {
    expect(overBase(lora, "f16")).toEqual({ ...lora, base: "float16" });
    expect(overBase(overBase(lora, "f16"), "f32")).toEqual(lora);
    expect(formatBase(overBase(lora, "f16"))).toBe("f16");
    expect(formatBase(lora)).toBeNull();
    expect(loraProblem(overBase(lora, "f16"))).toBeNull();
  });

  it.each(["", "f8", "half", "toString"])("is not %j", (text) => {
    expect(loraProblem(overBase(lora, text))).toEqual({
      wrong: `base ${text}`,
      hint: "f32 or f16, the precision of the frozen weights",
    });
  });
});
