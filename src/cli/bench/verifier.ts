import { createNodePool } from "../../verify/node";
import { measureSpeed, type VerifierSpeed } from "../../verify/speed";
import { type Figure, medianOf, type Section } from "./section";

const REPEATS = 3;

/** The verification environment in worker threads of Node. */
export const verifierInNode: Section = {
  name: "verifier in Node",
  async measure() {
    const pool = await createNodePool({ spare: false });
    try {
      return await medianOf(REPEATS, async () => figuresOf(await measureSpeed(pool)));
    } finally {
      await pool.dispose();
    }
  },
};

/** Figures with names for people; per second unless the name says otherwise. */
export function figuresOf({ isolatedJobs, pureJobs, verdicts, literals }: VerifierSpeed): Figure[] {
  return [
    { name: "isolated jobs", value: isolatedJobs, unit: "1/s" },
    { name: "jobs of pure programs", value: pureJobs, unit: "1/s" },
    { name: "verdicts, 16 inputs in one job", value: verdicts, unit: "1/s" },
    { name: "literal answers", value: literals, unit: "1/s" },
    { name: "time per literal answer", value: 1000 / literals, unit: "ms" },
  ];
}
