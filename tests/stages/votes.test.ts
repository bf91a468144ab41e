import { describe, expect, it } from "vitest";
import { countVotes } from "../../src/reward/votes";

describe("a majority vote", () => {
  it("elects the most frequent value; who cannot be read does not vote", () => {
    const ballot = countVotes(["5", "5", "5", "5", "7", "7", "9", null]);
    expect(ballot).toEqual({ label: "5", voters: 7, most: 4 });
    expect(ballot.most / ballot.voters).toBeCloseTo(4 / 7, 10);
  });

  it("elects nobody where two are most frequent, or where nobody votes", () => {
    expect(countVotes(["5", "5", "7", "7"])).toEqual({ label: null, voters: 4, most: 2 });
    expect(countVotes([null, null])).toEqual({ label: null, voters: 0, most: 0 });
    expect(countVotes([])).toEqual({ label: null, voters: 0, most: 0 });
  });

  it("elects a value that only one answer gives, if there is no other", () => {
    expect(countVotes([null, "3", null])).toEqual({ label: "3", voters: 1, most: 1 });
  });
});
