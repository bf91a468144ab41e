import { it } from "vitest";
import { readModelFolder } from "../../src/cli/model-folder";
import { openNodeGpu } from "../../src/gpu/node-adapter";
import { openEngine } from "../../src/model/engine";
it("x", async () => {
  const engine = await openEngine((await openNodeGpu()).adapter);
  const model = await engine.loadModel(readModelFolder("/work/shared/models/reference-base"));
  const prompt = model.tokenizer.encode("<ded>def f(x):\n x=x*3\n if x<12:x=x-5\n return x//2<in>10<out>");
  const it = model.generate([{ tokens: prompt, samples: 4, maxNewTokens: 72, seed: 3 }], { temperature: 1 });
  let n = await it.next(); while (!n.done) n = await it.next();
  const cs = n.value[0]!;
  const scores = await model.score(cs.map((c) => ({ prompt, completion: c.tokens })));
  console.log(cs.map((c, i) => Array.from(c.logprobs, (v, t) => v - scores[i]![t]!).join(" ")).join("\n"));
  const loss = { kind: "policy-gradient", clipLow: 0.2, clipHigh: 0.2, klCoefficient: 0, entropyCoefficient: 0, aggregation: "token-mean", constantLength: 0, temperature: 1 } as const;
  model.resetOptimizer();
  const m = await model.update(cs.map((c) => ({ prompt, completion: c.tokens, advantage: 1, oldLogprobs: c.logprobs.map((v) => v + 0.1) })), loss, 0);
  console.log(m);
});
