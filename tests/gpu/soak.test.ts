import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { integers } from "../reference/numbers";
import { createTiny, finish, openTestEngine, POLICY, TINY, trainingSequences } from "./models";

const { engine, name } = await openTestEngine();
const { counters } = engine.device;

/** The whole soak; npm test does a part of it, in seconds. */
const WHOLE = 20_000;
const COMMAND = `KELVIN_SOAK=${WHOLE} npx vitest run --project gpu tests/gpu/soak.test.ts`;
const submits = Number(process.env["KELVIN_SOAK"] ?? 1200);
const LONGEST_MS = 60 * 60_000;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

interface Memory {
  readonly heap: number;
  readonly resident: number;
}

/** Bytes in use once nothing is left to collect. */
async function memory(): Promise<Memory> {
  for (let turn = 0; turn < 3; turn++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { heap: heapUsed + arrayBuffers, resident: rss };
}

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

describe(`soak on ${name}`, () => {
  it(
    "creates nothing after the second step, and holds no more memory at the end than at the beginning",
    async () => {
      const model = await createTiny(engine, { slots: 6, chunk: 2, promptRows: 64 });
      const sequences = trainingSequences();
      const step = async (round: number): Promise<void> => {
        const requests = [1, 5, 12].map((length, i) => ({
          tokens: Int32Array.from(integers(round * 3 + i, length, TINY.vocab_size)),
          samples: 3,
          maxNewTokens: 12,
          seed: round,
        }));
        const cut = round % 2 === 0 ? {} : { topK: 20, topP: 0.9, stopTokens: [3], stopStrings: ["AB"] };
        await finish(model.generate(requests, { temperature: 1, ...cut }));
        await model.update(sequences, POLICY, 1e-4);
      };
      await step(0);
      await step(1);
      const { buffers, pipelines, bytes } = counters;
      const from = counters.submits;
      const done = (): number => counters.submits - from;
      let early: Memory | null = null;
      for (let round = 2; done() < submits; round++) {
        await step(round);
        // A tenth warms up what is not ours: compiled code, the driver's pools.
        if (!early && done() >= submits / 10) early = await memory();
      }
      const late = await memory();
      expect({ buffers: counters.buffers, pipelines: counters.pipelines, bytes: counters.bytes }).toEqual({
        buffers,
        pipelines,
        bytes,
      });
      const before = early as Memory;
      console.log(
        `${done()} submits: heap ${megabytes(before.heap)} → ${megabytes(late.heap)}, ` +
          `process ${megabytes(before.resident)} → ${megabytes(late.resident)}, device ${megabytes(bytes)} throughout`,
      );
      if (submits < WHOLE) console.log(`a part of the soak, for it takes minutes; all of it: ${COMMAND}`);
      // Over the whole soak, a hundred bytes kept of each submit would be more.
      expect(late.heap - before.heap).toBeLessThan(2 ** 21);
      expect(late.resident - before.resident).toBeLessThan(32 * 2 ** 20);
      model.destroy();
    },
    LONGEST_MS,
  );
});
