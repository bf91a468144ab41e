/** Answers that the policy is shown, told like answers that it wrote: with the log-probability it gives to each token. */
import { type Policy, type Prompt, roleOf, type Stage, typeOf } from "../contracts";

/** A prompt with an answer to it. */
export interface Example {
  readonly prompt: Prompt;
  readonly text: string;
  /** Of the answer, the end token included. */
  readonly tokens: Int32Array;
}

/** One `rollout.sample` for each example. */
export async function* exampleEvents(policy: Policy, examples: readonly Example[]): Stage<void> {
  const scores = await policy.score(
    examples.map(({ prompt, tokens }) => ({ prompt: prompt.tokens, completion: tokens })),
  );
  for (const [index, { prompt, text, tokens }] of examples.entries()) {
    const { tokens: _, ...shown } = prompt;
    const type = typeOf(shown.kind);
    const logprobs = Array.from(scores[index] ?? [], (value) => Math.round(value * 1e4) / 1e4 + 0);
    yield {
      type: "rollout.sample",
      prompt: { ...shown, role: roleOf(shown.kind), ...(type && { type }) },
      sample: {
        ...{ id: `${prompt.id}/0`, text, logprobs, stop: "eos", trace: text.startsWith("<think>") },
        pieces: Array.from(tokens, (token) => policy.tokenizer.decode([token])),
      },
      purpose: "train",
    };
  }
}
