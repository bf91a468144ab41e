import type { StopReason } from "./data";

/** The interface of a model for methods and stages. src/model implements it on the GPU; tests script it. */

/** Text ↔ token ids of one model. */
export interface Tokenizer {
  readonly vocabularySize: number;
  readonly endToken: number;
  /** Ids that a prompt begins with where no chat template writes it; none if missing. `encode` does not add them. */
  readonly beginning?: readonly number[];
  /** @throws KelvinError "input" for a text that the vocabulary cannot spell */
  encode(text: string): Int32Array;
  /** Special tokens decode to their text (`<think>`). */
  decode(tokens: ArrayLike<number>): string;
}

/** Requests `samples` completions of one prompt. */
export interface SamplingRequest {
  readonly tokens: Int32Array;
  readonly samples: number;
  /** Includes the end token. At most the number that the model was planned for; the context may end earlier. */
  readonly maxNewTokens: number;
  /** 32-bit stream key. Sample i of the request draws from (seed, i), so order and batch size do not matter. */
  readonly seed: number;
}

/**
 * How tokens are drawn and when a sample ends. topK, topP and minP filter softmax(logits / temperature) one after another; each
 * filters what the previous one left. Tokens that tie with the last kept token are kept. They have no effect at temperature 0.
 */
export interface SamplingOptions {
  /** 0 means greedy. */
  readonly temperature: number;
  /** Keep only the k likeliest tokens. arXiv 1805.04833 */
  readonly topK?: number;
  /** Keep only the smallest set of likeliest tokens with at least this probability mass. arXiv 1904.09751 */
  readonly topP?: number;
  /** Keep only tokens with at least this share of the likeliest token's probability. arXiv 2407.01082 */
  readonly minP?: number;
  /** Tokens that end a sample like the end token, and stay in it. At most 16, the model's end tokens included. */
  readonly stopTokens?: readonly number[];
  /** Strings that end a sample when its decoded text contains one. The token that completes the string stays in the sample. */
  readonly stopStrings?: readonly string[];
}

/** The result for one sample. */
export interface Completion {
  /** Including the end token if one was drawn. */
  readonly tokens: Int32Array;
  /**
   * log-probability of each token under softmax(logits / temperature) of the whole vocabulary (temperature 1 if greedy), even if
   * topK, topP or minP applied. The loss differentiates that softmax, and its ratios must start at 1. Under the renormalised
   * distribution a token could move across the cut in an update, and its ratio would not be finite.
   */
  readonly logprobs: Float32Array;
  /** Entropy in nats of the same distribution, before each token. */
  readonly entropies: Float32Array;
  readonly stop: StopReason;
}

/** New tokens of one sample since the last chunk: for display only. */
export interface LiveTokens {
  readonly request: number;
  readonly sample: number;
  readonly tokens: Int32Array;
  /** The whole sample, in the chunk that ends it, so that it can be judged before the others are finished. */
  readonly completion?: Completion;
}

/** A model that generates and scores text. */
export interface Policy {
  readonly tokenizer: Tokenizer;
  /** Longest prompt + completion, in tokens. */
  readonly contextLength: number;
  /** Most new tokens of a sample that it was planned for; absent where no plan bounds them. */
  readonly longestCompletion?: number;
  /** Formats a user's message as the prompt whose continuation is the model's turn; absent or null without a chat template. */
  readonly chat?: ((user: string) => string) | null;
  /**
   * Samples all requests as one batch. Yields chunks of new tokens, then returns completions as [request][sample]. Equal seeds
   * give equal tokens for any batching.
   */
  generate(
    requests: readonly SamplingRequest[],
    options: SamplingOptions,
  ): AsyncGenerator<LiveTokens[], Completion[][]>;
  /** log-probabilities at temperature 1 of every completion token of `prompt + completion`; no gradient. */
  score(sequences: readonly { prompt: Int32Array; completion: Int32Array }[]): Promise<Float32Array[]>;
  /**
   * One vector per sequence: the residual stream after `layer` layers (0: the embeddings), pooled over the rows of the completion.
   * For heads that are fitted on the host; no gradient. Absent in policies without a network.
   */
  features?(
    sequences: readonly { prompt: Int32Array; completion: Int32Array }[],
    layer: number,
    pooling: Pooling,
  ): Promise<Float32Array[]>;
}

/** How the rows of a completion become one vector. */
export type Pooling = "mean";

/** How token losses are aggregated. arXiv 2402.03300 (sequence), 2503.14476 (token), 2503.20783 (constant). */
export type Aggregation = "token-mean" | "sequence-mean" | "constant-length";

/**
 * Estimates of KL(policy ‖ reference) from one sampled token, with d = log π_reference − log π: k1 = −d, k2 = d²/2,
 * k3 = e^d − d − 1 (Schulman, "Approximating KL divergence", 2020). A loss differentiates each as it stands: the gradient of k2
 * is that of the divergence on average, the gradient of k1 is zero on average. A reward usually takes k1 (arXiv 2402.14740).
 */
export type KlEstimator = "k1" | "k2" | "k3";

/** Clipped surrogate with optional KL and entropy terms. arXiv 1707.06347 */
export interface PolicyGradient {
  readonly kind: "policy-gradient";
  readonly clipLow: number;
  readonly clipHigh: number;
  /** Coefficient of the estimate of KL(policy ‖ reference). */
  readonly klCoefficient: number;
  /** Which estimate; absent: k3. */
  readonly klEstimator?: KlEstimator;
  /** Coefficient of the entropy bonus. */
  readonly entropyCoefficient: number;
  readonly aggregation: Aggregation;
  /** Divisor per sequence for "constant-length". */
  readonly constantLength: number;
  readonly temperature: number;
}

/**
 * Σ w · (−log p) over completion tokens, with the weights of the sequences; without weights, the mean over all tokens. Supervised
 * pairs, rejection sampling and every preference loss whose slope the host knows (DPO, arXiv 2305.18290) have this form.
 */
export interface Likelihood {
  readonly kind: "likelihood";
}

/** The loss of an update. */
export type Loss = PolicyGradient | Likelihood;

/** One training sequence: a prompt, and a completion whose tokens are learned from. */
export interface TrainingSequence {
  readonly prompt: Int32Array;
  readonly completion: Int32Array;
  /** Of the whole completion; 0 where the loss knows no advantage. */
  readonly advantage: number;
  /** log-probabilities at sampling time, one per completion token; a loss without a ratio does not read them. */
  readonly oldLogprobs: Float32Array;
  /** log-probabilities under the frozen reference; needed if the KL coefficient is not 0. */
  readonly referenceLogprobs?: Float32Array;
  /** "likelihood": one weight per completion token, of either sign; all sequences of an update have them, or none. */
  readonly weights?: Float32Array;
}

/**
 * What the means of a loss run over, counted before anything was left out. A sample of advantage 0 has no gradient and need
 * not be computed, but the formulas of arXiv 2402.03300, 2503.14476 and 2503.20783 divide by all that was drawn.
 */
export interface Drawn {
  readonly sequences: number;
  /** Completion tokens of all of them. */
  readonly tokens: number;
}

/** Means over the completion tokens of one update (before it is applied). */
export interface UpdateMetrics {
  readonly loss: number;
  /** Global L2 norm before clipping. */
  readonly gradNorm: number;
  readonly entropy: number;
  /** k3 estimate of the KL to the reference; 0 without a reference. */
  readonly klToReference: number;
  readonly clipFraction: number;
  /** Mean |log π_train − log π_sampler|: the difference between the two forward passes. */
  readonly logprobGap: number;
  readonly tokens: number;
}

/** The trainable side of a model. It sees sequences and a loss, never the method. */
export interface Learner {
  /**
   * Gradient of `loss` over all sequences (any number: it splits them itself), clipped, one optimizer update.
   * @param over what its means run over; absent: these sequences
   */
  update(
    sequences: readonly TrainingSequence[],
    loss: Loss,
    learningRate: number,
    over?: Drawn,
  ): Promise<UpdateMetrics>;
}
