import { largest } from "../contracts";
import type { Engine, LoadedModel, Plan } from "../model/engine";
import type { Adapter } from "../model/merge";
import type { Tensor } from "../model/safetensors";
import { finish } from "../rollout/phase";
import { AGGREGATIONS, type GoldenCase, policyLoss } from "./golden-case";

/** One compared group of tensors: the worst error relative to the largest magnitude of its tensor. */
export interface Comparison {
  readonly group: string;
  /** Tensor with the worst error. */
  readonly worst: string;
  readonly error: number;
  readonly tolerance: number;
}

/** Logits, log-probabilities and losses. */
const FORWARD = 2e-5;
/** Gradients, and parameters after three AdamW steps. */
const BACKWARD = 1e-4;

/** max |ours − theirs| / max |theirs|; infinite for unequal lengths or numbers that are not finite. */
function relativeError(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  if (ours.length !== theirs.length) return Number.POSITIVE_INFINITY;
  let difference = 0;
  let magnitude = 0;
  for (let i = 0; i < theirs.length; i++) {
    const d = Math.abs((ours[i] as number) - (theirs[i] as number));
    if (Number.isNaN(d)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, d);
    magnitude = Math.max(magnitude, Math.abs(theirs[i] as number));
  }
  return difference / Math.max(magnitude, Number.MIN_VALUE);
}

function compareAll(
  group: string,
  tolerance: number,
  ours: ReadonlyMap<string, Tensor>,
  theirs: ReadonlyMap<string, Tensor>,
  prefix: string,
): Comparison {
  let worst = { worst: "", error: 0 };
  for (const [name, tensor] of ours) {
    const expected = theirs.get(prefix + name);
    const error = expected ? relativeError(tensor.data, expected.data) : Number.POSITIVE_INFINITY;
    if (error >= worst.error) worst = { worst: name, error };
  }
  return { group, tolerance, ...worst };
}

const PLAN = { slots: 4, promptRows: 512, trainingRows: 512 };

/** Compares one case with the engine; `plan` may change the model's memory plan. */
export async function checkCase(engine: Engine, golden: GoldenCase, plan: Partial<Plan> = {}): Promise<Comparison[]> {
  const create = (adapter?: Adapter): Promise<LoadedModel> =>
    engine.createModel(golden.manifest.config, golden.parameters, null, { ...PLAN, ...plan }, adapter);
  const whole = await checkWhole(await create(), golden);
  return golden.adapter ? [...whole, ...(await checkAdapter(await create(golden.adapter), golden))] : whole;
}

async function checkAdapter(model: LoadedModel, golden: GoldenCase): Promise<Comparison[]> {
  try {
    const { metrics, grads } = await model.gradients(golden.sequences, { kind: "likelihood" });
    const error = relativeError([metrics.loss], [golden.manifest.lora_sft_loss]);
    return [
      { group: "lora loss", worst: "lora loss", tolerance: FORWARD, error },
      compareAll("lora gradients", BACKWARD, grads, golden.tensors, "lora/grad/"),
    ];
  } finally {
    model.destroy();
  }
}

async function checkWhole(model: LoadedModel, golden: GoldenCase): Promise<Comparison[]> {
  try {
    const forward = (group: string, ours: ArrayLike<number>, theirs: ArrayLike<number> | undefined): Comparison => ({
      group,
      worst: group,
      tolerance: FORWARD,
      error: relativeError(ours, theirs ?? []),
    });
    const { tensors, sequences, manifest } = golden;
    const whole = sequences.map((s) => Int32Array.from([...s.prompt, ...s.completion]));
    const results = [forward("logits", await model.logits(whole), tensors.get("forward/logits")?.data)];
    const sft = await model.gradients(sequences, { kind: "likelihood" });
    results.push(forward("sft loss", [sft.metrics.loss], [manifest.sft_loss]));
    results.push(compareAll("sft gradients", BACKWARD, sft.grads, tensors, "sft/grad/"));
    for (const { mode, aggregation } of AGGREGATIONS) {
      const policy = await model.gradients(sequences, policyLoss(golden, aggregation));
      if (mode === "token_mean") {
        results.push(forward("policy log-probabilities", policy.logprobs, tensors.get("policy/logprobs")?.data));
        results.push(forward("policy entropy", policy.entropies, tensors.get("policy/entropy")?.data));
        results.push(forward("clip fraction", [policy.metrics.clipFraction], [manifest.clip_fraction]));
      }
      results.push(forward(`policy loss ${mode}`, [policy.metrics.loss], [manifest[`policy_loss_${mode}`] as number]));
      results.push(compareAll(`policy gradients ${mode}`, BACKWARD, policy.grads, tensors, `policy/${mode}/grad/`));
    }
    return [...results, ...(await checkGreedy(model, golden)), ...(await checkAdamW(model, golden))];
  } finally {
    model.destroy();
  }
}

async function checkGreedy(model: LoadedModel, golden: GoldenCase): Promise<Comparison[]> {
  const prompt = golden.sequences[0]?.prompt as Int32Array;
  const request = { tokens: prompt, samples: 1, maxNewTokens: golden.greedy.length - prompt.length, seed: 1 };
  const [[greedy] = []] = await finish(model.generate([request], { temperature: 0 }));
  const ours = [...prompt, ...(greedy?.tokens ?? [])];
  return [
    {
      group: "greedy tokens",
      worst: "greedy tokens",
      error: ours.join() === golden.greedy.join() ? 0 : 1,
      tolerance: 0,
    },
  ];
}

async function checkAdamW(model: LoadedModel, golden: GoldenCase): Promise<Comparison[]> {
  const { hyperparameters: h, adamw_losses: losses, adamw_grad_norms: norms } = golden.manifest;
  model.resetOptimizer({ betas: h.betas, eps: h.eps, weightDecay: h.weight_decay, maxGradNorm: h.max_grad_norm });
  const ours = { losses: [] as number[], norms: [] as number[] };
  for (let step = 0; step < losses.length; step++) {
    const { loss, gradNorm } = await model.update(golden.sequences, policyLoss(golden, "token-mean"), h.learning_rate);
    ours.losses.push(loss);
    ours.norms.push(gradNorm);
  }
  return [
    { group: "adamw losses", worst: "adamw losses", error: relativeError(ours.losses, losses), tolerance: BACKWARD },
    {
      group: "adamw gradient norms",
      worst: "adamw gradient norms",
      error: relativeError(ours.norms, norms),
      tolerance: BACKWARD,
    },
    ...compareParameters(await model.tensors(), golden),
  ];
}

/**
 * Key biases are a group of their own. A constant added to all keys does not change softmax, and RoPE hardly turns the slow
 * components of a head: the gradients of these are nearly zero. Adam divides by them, and so a gradient error that is within its
 * tolerance becomes a large part of a step. That part of the difference is left out, component by component.
 */
function compareParameters(
  ours: ReadonlyMap<string, Tensor>,
  { tensors: theirs, manifest: { hyperparameters, adamw_losses: steps } }: GoldenCase,
): Comparison[] {
  const furthest = steps.length * hyperparameters.learning_rate;
  const withoutExcused = (name: string, tensor: Tensor): Tensor => {
    const { data: expected } = theirs.get(`adamw/param_after_3/${name}`) as Tensor;
    const { data: gradient } = theirs.get(`policy/token_mean/grad/${name}`) as Tensor;
    const allowed = BACKWARD * largest(Array.from(gradient, Math.abs));
    const data = Float32Array.from(tensor.data, (value, i) => {
      const target = expected[i] as number;
      const excused = furthest * Math.min(1, allowed / Math.abs(gradient[i] as number));
      return target + Math.sign(value - target) * Math.max(0, Math.abs(value - target) - excused);
    });
    return { ...tensor, data };
  };
  const isKeyBias = (name: string): boolean => name.endsWith("k_proj.bias");
  const compare = (group: string, tensors: [string, Tensor][]): Comparison =>
    compareAll(group, BACKWARD, new Map(tensors), theirs, "adamw/param_after_3/");
  const rest = compare(
    "adamw parameters after 3",
    [...ours].filter(([name]) => !isKeyBias(name)),
  );
  const biases = [...ours].filter(([name]) => isKeyBias(name));
  if (biases.length === 0) return [rest];
  return [
    rest,
    compare(
      "adamw key biases after 3",
      biases.map(([name, tensor]) => [name, withoutExcused(name, tensor)]),
    ),
  ];
}
