import type { StopReason } from "./data";

/** What a method and the stages may ask of a model. Implemented on the GPU by src/model; scripted in tests. */

/** Text ↔ token ids of one model. */
export interface Tokenizer {
  readonly vocabularySize: number;
  readonly endToken: number;
  encode(text: string): Int32Array;
  /** Special tokens are kept as their text (`<think>`). */
  decode(tokens: ArrayLike<number>): string;
}

/** Sample `samples` completions of one prompt. */
export interface SamplingRequest {
  readonly tokens: Int32Array;
  readonly samples: number;
  /** The end token counts. At most what the model was planned for; the context's end may come first. */
  readonly maxNewTokens: number;
  /** 32-bit stream key; sample i of the request draws from (seed, i), so order and batch size do not matter. */
  readonly seed: number;
}

/**
 * How tokens are drawn and where a sample ends. The cuts apply one after another to softmax(logits / temperature), each to
 * what the one before left; tokens exactly as likely as the last one kept are kept too. At temperature 0 none of them acts.
 */
export interface SamplingOptions {
  /** 0 is greedy. */
  readonly temperature: number;
  /** Only the k likeliest tokens. arXiv 1805.04833 */
  readonly topK?: number;
  /** Only the fewest likeliest tokens that hold this share of the mass. arXiv 1904.09751 */
  readonly topP?: number;
  /** Only tokens at least this likely, as a share of the likeliest one's probability. arXiv 2407.01082 */
  readonly minP?: number;
  /** Tokens that end a sample like the end token does; kept in it. With the model's end tokens at most 16. */
  readonly stopTokens?: readonly number[];
  /** A sample ends with the token that completes one of these in its decoded text; that token is kept. */
  readonly stopStrings?: readonly string[];
}

/** What came back for one sample. */
export interface Completion {
  /** The end token included when it was drawn. */
  readonly tokens: Int32Array;
  /**
   * log-probability of each token under softmax(logits / temperature) (temperature 1 when greedy) of the whole vocabulary,
   * also where topK, topP or minP cut: the loss differentiates that softmax, and its ratios must begin at 1. Under the
   * renormalised rest a token that an update pushes over the cut would have no finite ratio.
   */
  readonly logprobs: Float32Array;
  /** Entropy in nats of the same distribution before each token. */
  readonly entropies: Float32Array;
  readonly stop: StopReason;
}

/** New tokens of one sample since the last chunk: for showing, not for learning. */
export interface LiveTokens {
  readonly request: number;
  readonly sample: number;
  readonly tokens: Int32Array;
  /** The whole sample, in the chunk that ends it: it may be judged while others are still being written. */
  readonly completion?: Completion;
}

/** A model that writes. */
export interface Policy {
  readonly tokenizer: Tokenizer;
  /** Longest prompt + completion, in tokens. */
  readonly contextLength: number;
  /** What a user says → the prompt whose continuation is the model's turn; absent or null where prompts stand by themselves. */
  readonly chat?: ((user: string) => string) | null;
  /**
   * Sample all requests as one batch. Yields chunks of fresh tokens while it works, returns completions as
   * [request][sample]. Same seeds, same tokens, whatever the batching.
   */
  generate(
    requests: readonly SamplingRequest[],
    options: SamplingOptions,
  ): AsyncGenerator<LiveTokens[], Completion[][]>;
  /** log-probabilities at temperature 1 of every completion token of `prompt + completion`; no gradient. */
  score(sequences: readonly { prompt: Int32Array; completion: Int32Array }[]): Promise<Float32Array[]>;
}

/** How token losses become one number. arXiv 2402.03300 (sequence), 2503.14476 (token), 2503.20783 (constant). */
export type Aggregation = "token-mean" | "sequence-mean" | "constant-length";

/** Which loss consumes the sampled tokens. */
export type Loss =
  | {
      readonly kind: "policy-gradient";
      readonly clipLow: number;
      readonly clipHigh: number;
      /** Coefficient of the k3 estimate of KL(policy ‖ reference). */
      readonly klCoefficient: number;
      /** Coefficient of the entropy bonus. */
      readonly entropyCoefficient: number;
      readonly aggregation: Aggregation;
      /** Divisor per sequence for "constant-length". */
      readonly constantLength: number;
      readonly temperature: number;
    }
  | { readonly kind: "cross-entropy" };

/** One training sequence: prompt and completion with per-token weights on the completion. */
export interface TrainingSequence {
  readonly prompt: Int32Array;
  readonly completion: Int32Array;
  readonly advantage: number;
  /** log-probabilities at sampling time, one per completion token. */
  readonly oldLogprobs: Float32Array;
  /** Under the frozen reference; needed when the KL coefficient is not 0. */
  readonly referenceLogprobs?: Float32Array;
}

/** Means over the completion tokens of one update (before it is applied). */
export interface UpdateMetrics {
  readonly loss: number;
  /** Global L2 norm before clipping. */
  readonly gradNorm: number;
  readonly entropy: number;
  /** k3 to the reference; 0 without one. */
  readonly klToReference: number;
  readonly clipFraction: number;
  /** Mean |log π_train − log π_sampler|: how far the two forward passes drift apart. */
  readonly logprobGap: number;
  readonly tokens: number;
}

/** What learns. It sees sequences and a loss; it never knows which method made them. */
export interface Learner {
  /** Gradient of `loss` over all sequences (any number: it splits them itself), clipped, one optimizer update. */
  update(sequences: readonly TrainingSequence[], loss: Loss, learningRate: number): Promise<UpdateMetrics>;
}
