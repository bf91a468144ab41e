import { expect, it } from "vitest";
import { createNodePool } from "../../src/verify/node";
import { GATE_OFF, probeJob } from "./boundary";

const LIMITS = { polls: 200_000, milliseconds: 10_000 };
/** All of an image but its first page; reading it through a function of C would be denied. */
const READ = "import ctypes\ndata = bytes((ctypes.c_uint8 * (31457280 - 65536)).from_address(65536))\n";
/** Its hash, and the number of bytes in it that are not zero. */
const SURVEY = `${READ}return [hash(data), len(data) - data.count(0)]`;
/** Writes into the long zero stretches, the unused stack and the tail. */
const VANDAL =
  `${READ}zero = [at for at in range(0, len(data), 65536) if data[at:at + 65536] == bytes(65536)]\n` +
  "del data\n" +
  "for at in zero[5:45] + zero[-40:]: (ctypes.c_uint8 * 1000).from_address(65536 + at)[777] = 7\n" +
  "return len(zero) > 100";

it("writes back every byte, those that are zero in the image too", async () => {
  const pool = await createNodePool({ guardSuffix: GATE_OFF, spare: false });
  const jobs = [SURVEY, VANDAL, SURVEY, VANDAL, SURVEY].map(probeJob);
  const results = await pool.run(jobs, LIMITS).finally(() => pool.dispose());
  const ends = results.map(({ report, stop }) => stop ?? (report?.status === "ran" ? report.results[0]![1] : ""));
  expect(ends[1]).toBe("True");
  expect(ends[3]).toBe("True");
  expect(ends[0]).toMatch(/^\[-?\d+, \d+\]$/);
  expect([ends[2], ends[4]]).toEqual([ends[0], ends[0]]);
});
