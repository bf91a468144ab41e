import {
  type Completion,
  type Group,
  type LiveTokens,
  type Policy,
  type Prompt,
  type PromptView,
  type Rng,
  roleOf,
  type Sample,
  type SamplePurpose,
  type SampleView,
  type SamplingOptions,
  type Stage,
  type StageEvent,
  type Tokenizer,
  typeOf,
} from "../contracts";
import { type Ahead, SampleCollector } from "./sample-collector";

/** How often to sample one prompt, and why. */
export interface Draw {
  readonly prompt: Prompt;
  readonly samples: number;
  readonly purpose: SamplePurpose;
}

/**
 * How the samples of a batch are drawn. Do not use top-k, top-p or min-p for policy gradients: the loss differentiates the whole
 * softmax. With a cut, the expected score ∇ log π is not zero but ∇ log of the remaining mass. Then baselines add a bias, and
 * tokens outside the cut never get a gradient.
 */
export interface RolloutOptions extends SamplingOptions {
  /** Each prompt draws from the child stream named by its id. */
  readonly rng: Rng;
  /** Receives each finished sample once, while others are still being generated. */
  readonly ahead?: Ahead;
}

/**
 * Samples all prompts as one batch; returns one group per draw, in order. Yields new tokens while the policy generates, then one
 * `rollout.sample` per completion. Prompt ids must be unique in a call.
 */
export async function* rollout(
  policy: Policy,
  draws: readonly Draw[],
  { rng, ahead, ...sampling }: RolloutOptions,
): Stage<Group[]> {
  if (draws.length === 0) return [];
  const requests = draws.map(({ prompt, samples }) => ({
    tokens: prompt.tokens,
    samples,
    maxNewTokens: prompt.maxNewTokens,
    seed: rng.key("rollout", prompt.id),
  }));
  const collector = new SampleCollector(policy.tokenizer, draws, ahead);
  yield* write(policy, draws, policy.generate(requests, sampling), collector);
  const pieces = pieceReader(policy.tokenizer);
  for (const [index, group] of collector.groups.entries()) yield* describe(group, draws[index] as Draw, pieces);
  return [...collector.groups];
}

/** Yields the policy's chunks as `live.tokens` and collects finished samples. */
async function* write(
  policy: Policy,
  draws: readonly Draw[],
  writing: AsyncGenerator<LiveTokens[], Completion[][]>,
  collector: SampleCollector,
): Stage<void> {
  let next = await writing.next();
  while (!next.done) {
    collector.take(next.value);
    for (const chunk of next.value) yield liveEvent(policy.tokenizer, draws, chunk);
    next = await writing.next();
  }
  collector.takeAll(next.value);
}

function liveEvent(tokenizer: Tokenizer, draws: readonly Draw[], chunk: LiveTokens): StageEvent {
  const draw = draws[chunk.request];
  if (!draw) throw new Error(`rollout: chunk of request ${chunk.request}, only ${draws.length} were made`);
  const { kind, id } = draw.prompt;
  const text = tokenizer.decode(chunk.tokens);
  return { type: "live.tokens", kind, promptId: id, sampleIndex: chunk.sample, text };
}

async function* describe(group: Group, draw: Draw, pieces: (tokens: Int32Array) => string[]): Stage<void> {
  const prompt = promptView(group.prompt);
  for (const sample of group.samples) {
    yield { type: "rollout.sample", prompt, sample: sampleView(sample, pieces), purpose: draw.purpose };
  }
}

/** The prompt without its token ids, for events. */
export function promptView({ tokens: _, ...shown }: Prompt): PromptView {
  const type = typeOf(shown.kind);
  return { ...shown, role: roleOf(shown.kind), ...(type && { type }) };
}

function sampleView(sample: Sample, pieces: (tokens: Int32Array) => string[]): SampleView {
  const { id, text, stop, trace, tokens, logprobs, entropies = [] } = sample;
  const numbers = { logprobs: Array.from(logprobs, rounder(1e4)), entropies: Array.from(entropies, rounder(100)) };
  return { id, text, pieces: pieces(tokens), ...numbers, stop, trace };
}

/** Rounds to multiples of 1/`parts`; `+ 0` turns -0 into 0, because JSON has no -0. */
export function rounder(parts: number): (value: number) => number {
  return (value) => Math.round(value * parts) / parts + 0;
}

/** Decodes single tokens, each distinct token once. */
export function pieceReader(tokenizer: Tokenizer): (tokens: Int32Array) => string[] {
  const known = new Map<number, string>();
  const read = (token: number): string => {
    const piece = known.get(token) ?? tokenizer.decode([token]);
    known.set(token, piece);
    return piece;
  };
  return (tokens) => Array.from(tokens, read);
}
