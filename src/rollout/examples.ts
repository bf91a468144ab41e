/** Answers that the policy is shown, told like answers that it wrote: with the log-probability it gives to each token. */
import type { Policy, Prompt, Stage } from "../contracts";
import { pieceReader, promptView, rounder } from "./rollout";

/** A prompt with an answer to it. */
export interface Example {
  readonly prompt: Prompt;
  readonly text: string;
  /** Of the answer, the end token included. */
  readonly tokens: Int32Array;
}

/** The example of a prompt and an answer. */
export function exampleOf({ tokenizer }: Pick<Policy, "tokenizer">, prompt: Prompt, text: string): Example {
  return { prompt, text, tokens: Int32Array.from([...tokenizer.encode(text), tokenizer.endToken]) };
}

/** One `rollout.sample` for each example. */
export async function* exampleEvents(policy: Policy, examples: readonly Example[]): Stage<void> {
  const scores = await policy.score(
    examples.map(({ prompt, tokens }) => ({ prompt: prompt.tokens, completion: tokens })),
  );
  const pieces = pieceReader(policy.tokenizer);
  for (const [index, { prompt, text, tokens }] of examples.entries()) {
    const logprobs = Array.from(scores[index] ?? [], rounder(1e4));
    yield {
      type: "rollout.sample",
      prompt: promptView(prompt),
      sample: {
        ...{ id: `${prompt.id}/0`, text, logprobs, stop: "eos", trace: text.startsWith("<think>") },
        pieces: pieces(tokens),
      },
      purpose: "train",
    };
  }
}
