/** How the loss of tokens is made; the coefficients are those of the policy loss. */
export interface PolicyLoss {
  readonly clipLow: number;
  readonly clipHigh: number;
  readonly klCoefficient: number;
  /** Absent: k3. */
  readonly klEstimator?: "k1" | "k2" | "k3";
  readonly entropyCoefficient: number;
  readonly temperature: number;
}

/** What a token's loss depends on besides its logits. */
export interface Term {
  readonly weight: number;
  readonly advantage: number;
  readonly old: number;
  readonly reference: number;
}

export interface Statistics {
  readonly logprob: number;
  readonly entropy: number;
}

export interface TokenLoss extends Statistics {
  readonly loss: number;
  readonly k3: number;
  readonly clipped: boolean;
  /** d loss / d logits */
  readonly gradient: Float64Array;
}

/** log softmax(logits / temperature) */
function logSoftmax(logits: Float64Array, temperature: number): Float64Array {
  const z = logits.map((logit) => logit / temperature);
  const highest = z.reduce((a, b) => Math.max(a, b));
  const total = z.reduce((sum, value) => sum + Math.exp(value - highest), 0);
  return z.map((value) => value - highest - Math.log(total));
}

export function statistics(logits: Float64Array, target: number, temperature: number): Statistics {
  const logp = logSoftmax(logits, temperature);
  return { logprob: logp[target]!, entropy: logp.reduce((sum, value) => sum - Math.exp(value) * value, 0) };
}

/** −weight · log p(target) */
export function likelihood(logits: Float64Array, target: number, weight: number): TokenLoss {
  const { logprob, entropy } = statistics(logits, target, 1);
  const gradient = logSoftmax(logits, 1).map((value, j) => -weight * ((j === target ? 1 : 0) - Math.exp(value)));
  return { logprob, entropy, loss: -weight * logprob, k3: 0, clipped: false, gradient };
}

/**
 * weight · (−min(r A, clip(r) A) + β k − α H) with r = exp(log p − old), d = ref − log p and an estimate k of the KL:
 * k1 = −d, k2 = d²/2, k3 = exp(d) − d − 1 (Schulman 2020).
 * PPO's clipped objective (arXiv 1707.06347) with a separate upper bound (2503.14476) and GRPO's k3 (2402.03300).
 */
export function policy(logits: Float64Array, target: number, term: Term, loss: PolicyLoss): TokenLoss {
  const { temperature, klCoefficient: beta, entropyCoefficient: alpha } = loss;
  const { logprob, entropy } = statistics(logits, target, temperature);
  const ratio = Math.exp(logprob - term.old);
  const limited = Math.min(Math.max(ratio, 1 - loss.clipLow), 1 + loss.clipHigh);
  const clipped = limited * term.advantage < ratio * term.advantage;
  const difference = term.reference - logprob;
  const k3 = Math.exp(difference) - difference - 1;
  const estimates = {
    k1: { value: -difference, slope: 1 },
    k2: { value: difference ** 2 / 2, slope: -difference },
    k3: { value: k3, slope: 1 - Math.exp(difference) },
  };
  const kl = estimates[loss.klEstimator ?? "k3"];
  const surrogate = -Math.min(ratio * term.advantage, limited * term.advantage);
  const value = term.weight * (surrogate + beta * kl.value - alpha * entropy);
  // d loss / d log p(target); the entropy's part follows below.
  const slope = (clipped ? 0 : -ratio * term.advantage) + beta * kl.slope;
  const gradient = logSoftmax(logits, temperature).map((logp, j) => {
    const p = Math.exp(logp);
    const ofLogprob = slope * ((j === target ? 1 : 0) - p);
    const ofEntropy = -p * (logp + entropy);
    return (term.weight * (ofLogprob - alpha * ofEntropy)) / temperature;
  });
  return { logprob, entropy, loss: value, k3, clipped, gradient };
}
