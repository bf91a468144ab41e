import { describe, expect, it } from "vitest";
import { worstDifference } from "../export/runtime";
import { openShipped } from "../export/shipped";
import { finish, openTestEngine } from "./models";

const { engine, name } = await openTestEngine();
const { files, config, tokenizer, prompts, runtime } = await openShipped();
const model = await engine.loadModel(files, { slots: 8, promptRows: 512, trainingRows: 512 });

describe(`the engine on ${name} and the exported kelvin-nano in ONNX Runtime`, () => {
  it("give the same logits", async () => {
    const ours = await model.logits(prompts);
    const theirs: number[] = [];
    for (const prompt of prompts) theirs.push(...(await runtime.run([prompt])).logits);
    expect(worstDifference(ours, theirs)).toBeLessThan(1e-3);
  });

  it("give the same logits up to position 255, beyond what config.json says", async () => {
    const prompt = prompts[0] as Int32Array;
    const tokens = Int32Array.from({ length: 256 }, (_, i) => prompt[i % prompt.length] as number);
    const ours = await model.logits([tokens]);
    expect(worstDifference(ours, (await runtime.run([tokens])).logits)).toBeLessThan(1e-3);
  });

  it("write the same text", async () => {
    const requests = prompts.map((tokens) => ({ tokens, samples: 1, maxNewTokens: 48, seed: 1 }));
    const completions = await finish(model.generate(requests, { temperature: 0 }));
    const ours = completions.map(([completion]) => tokenizer.decode(completion?.tokens ?? []));
    const theirs: string[] = [];
    for (const prompt of prompts)
      theirs.push(tokenizer.decode((await runtime.greedy(prompt, 48, config.endToken)).slice(prompt.length)));
    expect(ours).toEqual(theirs);
  });
});
