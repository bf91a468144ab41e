import { describe, expect, it } from "vitest";
import { unrolled } from "../../src/ops/unroll";

const plain = (code: string): string => code.replaceAll(/\s+/g, " ").trim();

describe("loops that are written out", () => {
  it("leave code without any as it is, behind its constants", () => {
    const code = "for (var i = 0u; i < D4; i++) { x += i; }";
    expect(unrolled({ D4: 2, HQ: 3 }, code)).toBe(`const D4 = 2u;\nconst HQ = 3u;\n${code}`);
  });

  it("become a block per turn, the variable its number, and no other name", () => {
    const code = "a; unroll for (var i = 0u; i < D4; i++) { if (x) { y[i] = ii + i.i; } } b;";
    const blocks = [0, 1].map((i) => `{ if (x) { y[${i}u] = ii + ${i}u.${i}u; } }`);
    expect(plain(unrolled({ D4: 2 }, code))).toBe(`const D4 = 2u; a; ${blocks.join(" ")} b;`);
  });

  it("nest, follow one another, and vanish where they count to nothing", () => {
    const inner = "unroll for (var r = 0u; r < OWN; r++) { s[r][d]; }";
    const code = `unroll for (var d = 0u; d < D4; d++) { ${inner} } unroll for (var d = 0u; d < NONE; d++) { t; } ${inner}`;
    const written = plain(unrolled({ D4: 2, OWN: 1, NONE: 0 }, code).replaceAll(/const .*\n/g, ""));
    expect(written).toBe("{ { s[0u][0u]; } } { { s[0u][1u]; } } { s[0u][d]; }");
  });

  it("are refused where their end is unknown", () => {
    expect(() => unrolled({}, "unroll for (var i = 0u; i < D4; i++) { }")).toThrow(/D4/);
    expect(() => unrolled({ D4: 1 }, "unroll for (var i = 0u; i < D4; i++) { {")).toThrow(/no end/);
  });
});
