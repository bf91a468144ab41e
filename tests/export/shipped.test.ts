import { beforeAll, describe, expect, it } from "vitest";
import { argmax, worstDifference } from "./runtime";
import { openShipped } from "./shipped";

/** Positions that the engine rotates for, whatever a small model's configuration says. */
const ENGINE_POSITIONS = 256;

describe("kelvin-nano in ONNX Runtime", () => {
  let shipped: Awaited<ReturnType<typeof openShipped>>;
  beforeAll(async () => {
    shipped = await openShipped();
  });

  it("takes the inputs of a decoder with past", () => {
    const cache = [0, 1, 2, 3].flatMap((layer) => [`past_key_values.${layer}.key`, `past_key_values.${layer}.value`]);
    expect(shipped.runtime.inputNames).toEqual(["input_ids", "attention_mask", "position_ids", ...cache]);
  });

  it("says the same with its cache as without", async () => {
    const { runtime, prompts, config, tokenizer } = shipped;
    expect(prompts).toHaveLength(6);
    for (const prompt of prompts) {
      const tokens = await runtime.greedy(prompt, 24, config.endToken);
      const whole = await runtime.run([tokens]);
      const alone = tokens.slice(prompt.length).map((_, i) => {
        const row = prompt.length + i - 1;
        return argmax(whole.logits.subarray(row * config.vocabulary, (row + 1) * config.vocabulary));
      });
      expect(tokenizer.decode(alone)).toBe(tokenizer.decode(tokens.slice(prompt.length)));
    }
  });

  it("writes in the task language", async () => {
    const { runtime, prompts, config, tokenizer } = shipped;
    const completions = [];
    for (const prompt of prompts)
      completions.push((await runtime.greedy(prompt, 64, config.endToken)).slice(prompt.length));
    const ended = completions.filter((tokens) => tokens.at(-1) === config.endToken);
    expect(ended.length).toBeGreaterThan(prompts.length / 2);
    for (const tokens of completions) expect([...tokenizer.encode(tokenizer.decode(tokens))]).toEqual(tokens);
  });

  it("continues prompts of different lengths side by side", async () => {
    const { runtime, prompts, config } = shipped;
    const longest = Math.max(...prompts.map(({ length }) => length));
    const padding = prompts.map(({ length }) => longest - length);
    expect(new Set(padding).size).toBeGreaterThan(1);
    const rows = prompts.map((prompt, i) => [...new Array<number>(padding[i] as number).fill(0), ...prompt]);
    const first = await runtime.run(rows, undefined, padding);
    const next = rows.map((_, i) => {
      const end = (i + 1) * longest * config.vocabulary;
      return argmax(first.logits.subarray(end - config.vocabulary, end));
    });
    const second = await runtime.run(
      next.map((token) => [token]),
      first.past,
      padding,
    );
    for (const [i, prompt] of prompts.entries()) {
      const alone = await runtime.run([[...prompt, next[i] as number]]);
      const row = second.logits.subarray(i * config.vocabulary, (i + 1) * config.vocabulary);
      expect(worstDifference(row, alone.logits.subarray(-config.vocabulary))).toBeLessThan(1e-3);
    }
  });

  it("reaches as far as the engine does, which its logits are compared with up to there in tests/gpu", async () => {
    const { runtime, config } = shipped;
    expect(config.contextLength).toBeLessThan(ENGINE_POSITIONS);
    const tokens = new Array<number>(ENGINE_POSITIONS).fill(5);
    expect((await runtime.run([tokens])).logits).toHaveLength(ENGINE_POSITIONS * config.vocabulary);
    await expect(runtime.run([[...tokens, 5]])).rejects.toThrow(/indices|out of/i);
  });
});
