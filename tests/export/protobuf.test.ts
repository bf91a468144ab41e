import { describe, expect, it } from "vitest";
import { KelvinError } from "../../src/contracts";
import { Graph } from "../../src/export/onnx";
import { Message } from "../../src/export/protobuf";

function hex(message: Message): string {
  return Buffer.concat(message.parts).toString("hex");
}

/** Expected bytes are worked out by hand from the format's description. */
describe("protocol buffers", () => {
  it.each([
    [0, "0800"],
    [150, "089601"],
    [2 ** 40, "08808080808020"],
    [-1, "08ffffffffffffffffff01"],
  ])("write the integer %d", (value, bytes) => {
    expect(hex(new Message().integer(1, value))).toBe(bytes);
  });

  it("write lists, strings, field numbers beyond 15, and messages in messages", () => {
    expect(hex(new Message().integer(8, [3, 270]))).toBe("4003408e02");
    expect(hex(new Message().text(2, "testing"))).toBe("120774657374696e67");
    expect(hex(new Message().text(1, ["a", "é"]))).toBe("0a01610a02c3a9");
    expect(hex(new Message().integer(20, 7))).toBe("a00107");
    expect(hex(new Message().message(3, [new Message().integer(1, 150), new Message()]))).toBe("1a030896011a00");
  });

  it("keep bytes where they lie", () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const outer = new Message().message(1, new Message().bytes(9, bytes));
    expect(outer.parts.some((part) => part === bytes)).toBe(true);
    expect(outer.length).toBe(7);
  });
});

describe("an ONNX file", () => {
  it("beyond two gigabytes is refused before anything is copied", () => {
    const graph = new Graph("large");
    const quarter = new Float32Array(2 ** 26);
    for (let i = 0; i < 8; i++) graph.weight(`w${i}`, [quarter.length], quarter);
    expect(() => graph.encode()).toThrow(KelvinError);
    expect(() => graph.encode()).toThrow(/ONNX file holds 2147483647/);
  });

  it("stores a tensor once", () => {
    const graph = new Graph("twice");
    graph.weight("w", [1], Float32Array.of(1));
    expect(() => graph.weight("w", [1], Float32Array.of(2))).toThrow(/w is stored twice/);
    expect([graph.scalar(0.5), graph.scalar(0.5)]).toEqual(["scalar 0.5", "scalar 0.5"]);
  });
});
