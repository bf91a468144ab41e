import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { nodeThreads } from "../../src/cli/helper-threads";
import { cpuAdapter } from "../../src/cpu/adapter";
import type { Channel } from "../../src/device/helpers";
import { type Engine, openEngine } from "../../src/model/engine";
import { createTiny, digest, fileOf, finish, generationRequests, POLICY, trainingSequences } from "../gpu/models";

const bundle = process.env["KELVIN_CLI"];
if (!bundle) throw new Error("the command line did not build, and its threads are in it");
const entry = join(dirname(bundle), "helper.node-worker.mjs");

const engines: Engine[] = [];
afterEach(() => {
  for (const engine of engines.splice(0)) engine.device.close();
});

/** A CPU engine over threads of Node, and the lines to them. */
async function open(workers: number): Promise<{ engine: Engine; lines: Channel[] }> {
  const lines: Channel[] = [];
  const threads = nodeThreads(workers, entry);
  const spawn = () => {
    const line = threads.spawn();
    lines.push(line);
    return line;
  };
  const engine = await openEngine(cpuAdapter("plain", { threads: { ...threads, spawn } }));
  engines.push(engine);
  return { engine, lines };
}

const many = () => [1, 2, 3, 4].flatMap((seed) => trainingSequences(seed));

describe("threads of Node", () => {
  it("come to the same bits, however many they are", async () => {
    const all = [];
    for (const workers of [1, 2, 4]) {
      const { engine, lines } = await open(workers);
      expect(lines.length).toBe(workers - 1);
      expect(engine.kernels).toMatchObject({ shards: 4, workers });
      const model = await createTiny(engine, { workers });
      model.resetOptimizer();
      const samples = await finish(model.generate(generationRequests(), { temperature: 1 }));
      const metrics = [await model.update(many(), POLICY, 1e-2), await model.update(many(), POLICY, 1e-2)];
      all.push({ samples, metrics, scores: await model.score(many()), state: digest(await model.exportState()) });
    }
    expect(all[1]).toEqual(all[0]);
    expect(all[2]).toEqual(all[0]);
  });

  it("that are ended are a lost device; another engine goes on from the last state", async () => {
    const learn = async ({ engine, lines }: Awaited<ReturnType<typeof open>>, dies: boolean) => {
      const model = await createTiny(engine, { workers: 2 });
      model.resetOptimizer();
      await model.update(many(), POLICY, 1e-2);
      const kept = await model.exportState();
      if (dies) lines[0]?.close();
      await model.update(many(), POLICY, 1e-2);
      return { kept, state: digest(await model.exportState()) };
    };
    const { kept, state } = await learn(await open(2), false);
    const dying = await open(2);
    await expect(learn(dying, true)).rejects.toMatchObject({
      reason: "device-lost",
      message: expect.stringMatching(/^A worker of the CPU engine has ended: it exited with status \d+$/),
    });
    await dying.engine.device.lost;
    const model = await createTiny((await open(1)).engine);
    model.resetOptimizer();
    await model.importState(fileOf(kept));
    await model.update(many(), POLICY, 1e-2);
    expect(digest(await model.exportState())).toBe(state);
  });
});
