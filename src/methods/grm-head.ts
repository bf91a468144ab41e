/** Control: a reward model that is a number, fitted to the same queries as the judge is trained on. arXiv 2203.02155 §3.5. */
import type { Measure, Policy, Stage } from "../contracts";
import { fitPairs, scoreFeatures } from "../reward/feature-head";
import { JUDGE_START } from "../tasks/formats";
import { promptTokens } from "../tasks/prompts";
import { mean } from "./collapse";
import { type Query, readQueries } from "./grm-queries";
import type { GrmStep } from "./grm-run";

/** Layer whose mean over a try the head reads. */
const LAYER = 2;

/** How often a linear head prefers the better try of held-out queries. Nothing where the policy shows no features. */
export async function* headMeasures({ policy, memory }: GrmStep): Stage<Measure[]> {
  if (!policy.features) return [];
  yield { type: "live.progress", phase: "evaluate", done: 0, total: 1 };
  const head = fitPairs(
    (await pairFeatures(policy, readQueries(memory, "queries"))).map((pair) => ({ ...pair, label: 1 })),
  );
  const exam = await pairFeatures(policy, readQueries(memory, "exam"));
  const right = exam.map(({ a, b }) => Number(scoreFeatures(head, a) > scoreFeatures(head, b)));
  return [{ name: "head/pairs", value: mean(right), n: right.length }];
}

/** Of each query what the policy makes of the better try, and of the worse one. */
async function pairFeatures(
  policy: Policy,
  queries: readonly Query[],
): Promise<{ a: Float32Array; b: Float32Array }[]> {
  const read = (side: "better" | "worse") =>
    queries.map((query) => ({
      prompt: promptTokens(policy, `${JUDGE_START}${query.question}<try>`),
      completion: policy.tokenizer.encode(query[side].text),
    }));
  const features = (await policy.features?.([...read("better"), ...read("worse")], LAYER, "mean")) ?? [];
  return queries.map((_, place) => ({
    a: features[place] as Float32Array,
    b: features[queries.length + place] as Float32Array,
  }));
}
