import { describe, expect, it } from "vitest";
import type { PairRow } from "../../src/contracts";
import { parsePairs } from "../../src/evaluate/pairs";
import { MOST_OWN_PAIRS, OwnPairs, pairsFile } from "../../src/ui/own-pairs";

const pair = (input: string, answer?: string): PairRow => ({
  ...{ type: "deduction", program: "def f(x):\n return x+1", input, output: `${Number(input) + 1}` },
  ...(answer === undefined ? {} : { answer }),
});

/** A device that stores what it is given. */
function device(kept: Record<string, string> = {}) {
  return {
    getItem: (key: string) => kept[key] ?? null,
    setItem: (key: string, text: string) => {
      kept[key] = text;
    },
  };
}

describe("OwnPairs", () => {
  it("are stored on the device, each once, and edited in place", () => {
    const storage = device();
    const own = new OwnPairs(storage);
    own.add([pair("1"), pair("2"), pair("1")]);
    own.add([pair("2"), pair("3", "<ans>4")]);
    expect(own.pairs.map(({ input }) => input)).toEqual(["1", "2", "3"]);
    own.replace(pair("2"), pair("2", "<ans>3"));
    own.remove(pair("1"));
    expect(new OwnPairs(storage).pairs).toEqual([pair("2", "<ans>3"), pair("3", "<ans>4")]);
    own.clear();
    expect(new OwnPairs(storage).pairs).toEqual([]);
  });

  it("are at most as many as a run learns from, and the others are counted", () => {
    const own = new OwnPairs(device());
    own.add(Array.from({ length: MOST_OWN_PAIRS + 5 }, (_, index) => pair(`${index}`)));
    expect(own.pairs).toHaveLength(MOST_OWN_PAIRS);
    expect(own.complaint).toMatch(/^5 of these pairs are left out: a run learns from at most 2000,/);
    expect(() => parsePairs("many", `${JSON.stringify(pair("1"))}\n`.repeat(MOST_OWN_PAIRS))).not.toThrow();
  });

  it("leave out what is too long to be read back", () => {
    const storage = device();
    const own = new OwnPairs(storage);
    own.add([pair("1"), pair("2", "x".repeat(2001))]);
    expect(own.complaint).toMatch(/^1 of these pairs are left out:/);
    expect(new OwnPairs(storage).pairs).toEqual([pair("1")]);
  });

  it("that cannot be read are put aside, and a new list begins", () => {
    const kept: Record<string, string> = {
      "own-pairs": JSON.stringify({ version: 1, pairs: [{ type: "induction" }] }),
    };
    const storage = device(kept);
    const own = new OwnPairs(storage);
    expect(own.complaint).toContain("Your saved pairs could not be read");
    own.add([pair("1")]);
    expect(kept["own-pairs-unreadable"]).toContain("induction");
    const later = new OwnPairs(storage);
    expect([later.pairs, later.complaint]).toEqual([[pair("1")], ""]);
  });

  it("are saved as the file that training reads", async () => {
    const text = await pairsFile([pair("1"), pair("2", "<think>\n return x+1#3<ans>3")]).text();
    const read = parsePairs("your-pairs.jsonl", text);
    expect(read.map(({ answer }) => answer)).toEqual([undefined, "<think>\n return x+1#3<ans>3"]);
    expect(read[0]?.task.pairs).toEqual([{ input: "1", output: "2" }]);
  });
});
