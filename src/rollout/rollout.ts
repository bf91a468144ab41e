import type {
  Completion,
  Group,
  LiveTokens,
  Policy,
  Prompt,
  PromptView,
  Rng,
  Sample,
  SamplePurpose,
  SampleView,
  SamplingOptions,
  Stage,
  StageEvent,
  Tokenizer,
} from "../contracts";
import { type Ahead, Harvest } from "./harvest";

/** How often to sample one prompt, and why. */
export interface Draw {
  readonly prompt: Prompt;
  readonly samples: number;
  readonly purpose: SamplePurpose;
}

/**
 * How the samples of a batch are drawn. What a policy gradient learns from is drawn without top-k, top-p or min-p: its loss
 * differentiates the whole softmax. Under a cut one the expected score ∇ log π is not zero but ∇ log of the kept mass, so that
 * baselines would no longer drop out, and what is cut would never be learnt about.
 */
export interface RolloutOptions extends SamplingOptions {
  /** Each prompt draws from its own child, named by the prompt's id. */
  readonly rng: Rng;
  /** Told of finished samples while the rest is being written, of each once. */
  readonly ahead?: Ahead;
}

/**
 * Prompts → groups of completions, as one batch: one group per draw, in the order of the draws. Yields the fresh
 * tokens while the policy writes, then one `rollout.sample` per completion. Prompt ids must be unique in a call.
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
  const harvest = new Harvest(policy.tokenizer, draws, ahead);
  yield* write(policy, draws, policy.generate(requests, sampling), harvest);
  const pieces = pieceReader(policy.tokenizer);
  for (const [index, group] of harvest.groups.entries()) yield* describe(group, draws[index] as Draw, pieces);
  return [...harvest.groups];
}

/** Passes the policy's chunks on as `live.tokens` and gathers what it finishes. */
async function* write(
  policy: Policy,
  draws: readonly Draw[],
  writing: AsyncGenerator<LiveTokens[], Completion[][]>,
  harvest: Harvest,
): Stage<void> {
  let next = await writing.next();
  while (!next.done) {
    harvest.take(next.value);
    for (const chunk of next.value) yield liveEvent(policy.tokenizer, draws, chunk);
    next = await writing.next();
  }
  harvest.takeAll(next.value);
}

function liveEvent(tokenizer: Tokenizer, draws: readonly Draw[], chunk: LiveTokens): StageEvent {
  const draw = draws[chunk.request];
  if (!draw) throw new Error(`rollout: chunk of request ${chunk.request}, only ${draws.length} were made`);
  const { role, type, id } = draw.prompt;
  const text = tokenizer.decode(chunk.tokens);
  return { type: "live.tokens", role, taskType: type, promptId: id, sampleIndex: chunk.sample, text };
}

async function* describe(group: Group, draw: Draw, pieces: (tokens: Int32Array) => string[]): Stage<void> {
  const prompt = promptView(group.prompt);
  for (const sample of group.samples) {
    yield { type: "rollout.sample", prompt, sample: sampleView(sample, pieces), purpose: draw.purpose };
  }
}

/** A prompt as events show it. */
function promptView({ tokens: _, ...shown }: Prompt): PromptView {
  return shown;
}

function sampleView(sample: Sample, pieces: (tokens: Int32Array) => string[]): SampleView {
  const { id, text, stop, trace, tokens, logprobs, entropies = [] } = sample;
  const numbers = { logprobs: Array.from(logprobs, rounder(1e4)), entropies: Array.from(entropies, rounder(100)) };
  return { id, text, pieces: pieces(tokens), ...numbers, stop, trace };
}

/** To 1/`parts`; `+ 0` keeps -0, which JSON cannot carry, out of the stream. */
function rounder(parts: number): (value: number) => number {
  return (value) => Math.round(value * parts) / parts + 0;
}

/** Text of single tokens, each decoded once. */
function pieceReader(tokenizer: Tokenizer): (tokens: Int32Array) => string[] {
  const known = new Map<number, string>();
  const read = (token: number): string => {
    const piece = known.get(token) ?? tokenizer.decode([token]);
    known.set(token, piece);
    return piece;
  };
  return (tokens) => Array.from(tokens, read);
}
