import { describe, expect, it } from "vitest";
import { parseLora } from "../../src/cli/lora-option";
import { LORA_TARGETS } from "../../src/contracts";

describe("--lora", () => {
  it("is a rank, an alpha of twice the rank and every projection, unless it says more", () => {
    expect(parseLora("8")).toEqual({ rank: 8, alpha: 16, targets: LORA_TARGETS });
    expect(parseLora("3:0.5")).toEqual({ rank: 3, alpha: 0.5, targets: LORA_TARGETS });
    expect(parseLora("5:10:down,q")).toEqual({ rank: 5, alpha: 10, targets: ["q", "down"] });
  });

  it.each(["", "0", "-1", "2.5", "q", "4:", "4:0", "4:x", "4:8:", "4:8:head", "4:8:q,q", "4:8:q:v", "1e9"])(
    "refuses %j with its form",
    (text) => {
      expect(() => parseLora(text)).toThrow(expect.objectContaining({ reason: "input", message: `--lora ${text}` }));
    },
  );
});
