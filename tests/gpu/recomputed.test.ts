import { describe, expect, it } from "vitest";
import { LORA_TARGETS } from "../../src/contracts";
import type { AdapterSource } from "../../src/model/engine";
import { createRng } from "../../src/rollout/rng";
import { CROSS_ENTROPY, createTiny, digest, openTestEngine, POLICY, TINY, trainingSequences } from "./models";

const { engine, name } = await openTestEngine();
const sequences = trainingSequences();
const DEEP = { ...TINY, num_hidden_layers: 5 };
const lora = { rank: 3, alpha: 6, targets: LORA_TARGETS };

/** Floats per token that a layer of the model keeps beside its input, padded as they lie on the device. */
const FLOATS_PER_LAYER = (() => {
  const [hidden, head, intermediate] = [20, 12, 40];
  const [queryHeads, keyHeads] = [TINY.num_attention_heads, TINY.num_key_value_heads];
  const rows = 3 * hidden + 2 * (queryHeads + 2 * keyHeads) * head + queryHeads * head + 3 * intermediate;
  const scalars = 2 + queryHeads + keyHeads + queryHeads;
  return rows + scalars;
})();

describe(`recomputed activations on ${name}`, () => {
  it.each([
    ["of the whole model", undefined],
    ["of adapters", { lora, rng: createRng(1) }],
  ] as [string, AdapterSource | undefined][])(
    "give the same bits in every gradient %s and after updates",
    async (_, adapter) => {
      const kept = await createTiny(engine, {}, DEEP, adapter);
      const recomputed = await createTiny(engine, { activations: "recomputed" }, DEEP, adapter);
      for (const loss of [CROSS_ENTROPY, POLICY]) {
        const [expected, actual] = [await kept.gradients(sequences, loss), await recomputed.gradients(sequences, loss)];
        expect(actual).toEqual(expected);
        expect([...expected.grads.values()].some(({ data }) => data.some((value) => value !== 0))).toBe(true);
        for (const model of [kept, recomputed]) await model.update(sequences, loss, 0.01);
      }
      expect(digest(await recomputed.exportState())).toBe(digest(await kept.exportState()));
      kept.destroy();
      recomputed.destroy();
    },
  );

  it("hold the activations of one layer in place of all", async () => {
    const bytesOf = async (activations: "kept" | "recomputed", rows: number) => {
      const { bytes } = engine.device.counters;
      const model = await createTiny(engine, { activations, trainingRows: rows }, DEEP);
      const taken = engine.device.counters.bytes - bytes;
      model.destroy();
      return taken;
    };
    const rows = 256;
    const saved = (await bytesOf("kept", rows)) - (await bytesOf("recomputed", rows));
    expect(saved).toBe((DEEP.num_hidden_layers - 1) * rows * FLOATS_PER_LAYER * 4);
  });
});
