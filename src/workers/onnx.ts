/** Runs an exported model in ONNX Runtime, served from our origin. It shares no code with the engine. */

import wasmUrl from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import { env, InferenceSession, Tensor } from "onnxruntime-web/wasm";
import type { Completion, LiveTokens, Policy, SamplingRequest, Tokenizer } from "../contracts";
import type { ModelConfig } from "../model/config";

// One thread needs no cross-origin isolation, and small models gain nothing from more.
env.wasm.numThreads = 1;
env.wasm.wasmPaths = { wasm: wasmUrl };

/** Keys and values of every layer, by the names of the graph's inputs. */
type Past = Readonly<Record<string, Tensor>>;

/** Greedy decoding, one request after another; all samples of a request are equal. */
export class OnnxPolicy implements Policy {
  readonly contextLength: number;

  private constructor(
    private readonly session: InferenceSession,
    private readonly config: ModelConfig,
    readonly tokenizer: Tokenizer,
    readonly chat: ((user: string) => string) | null,
  ) {
    this.contextLength = config.contextLength;
  }

  /** @param parts an ONNX file from `exportOnnx`; @param language of the model it was made from */
  static async open(
    parts: readonly Uint8Array[],
    config: ModelConfig,
    { tokenizer, chat }: Pick<Policy, "tokenizer" | "chat">,
  ): Promise<OnnxPolicy> {
    const file = new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
    const session = await InferenceSession.create(file, { executionProviders: ["wasm"] });
    return new OnnxPolicy(session, config, tokenizer, chat ?? null);
  }

  async *generate(requests: readonly SamplingRequest[]): AsyncGenerator<LiveTokens[], Completion[][]> {
    const completions: Completion[][] = [];
    for (const request of requests) {
      const completion = await this.complete(request);
      completions.push(Array.from({ length: request.samples }, () => completion));
      yield [];
    }
    return completions;
  }

  score(): Promise<Float32Array[]> {
    throw new Error("an exported model is not scored");
  }

  close(): Promise<void> {
    return this.session.release();
  }

  private async complete({ tokens, maxNewTokens }: SamplingRequest): Promise<Completion> {
    const written: number[] = [];
    const logprobs: number[] = [];
    const entropies: number[] = [];
    let past = this.nothing();
    let next = Array.from(tokens);
    let position = 0;
    while (written.length < maxNewTokens) {
      const { logits, present } = await this.step(next, position, past);
      const { token, logprob, entropy } = greedy(logits);
      written.push(token);
      logprobs.push(logprob);
      entropies.push(entropy);
      if (this.config.endTokens.includes(token)) break;
      position += next.length;
      past = present;
      next = [token];
    }
    const stop = this.config.endTokens.includes(written.at(-1) ?? -1) ? "eos" : "length";
    const numbers = { logprobs: Float32Array.from(logprobs), entropies: Float32Array.from(entropies) };
    return { tokens: Int32Array.from(written), ...numbers, stop };
  }

  /** Logits [V] after the last of `tokens`; the first of them is at `position`. */
  private async step(
    tokens: readonly number[],
    position: number,
    past: Past,
  ): Promise<{ logits: Float32Array; present: Past }> {
    const outputs = await this.session.run({
      input_ids: row(tokens),
      attention_mask: row(Array.from({ length: position + tokens.length }, () => 1)),
      position_ids: row(tokens.map((_, index) => position + index)),
      ...past,
    });
    const logits = outputs["logits"]?.data as Float32Array;
    const present = this.names().map((name) => [`past_key_values.${name}`, outputs[`present.${name}`] as Tensor]);
    return { logits: logits.slice(-this.config.vocabulary), present: Object.fromEntries(present) };
  }

  private nothing(): Past {
    const { keyHeads, headDim } = this.config.heads;
    const none = () => new Tensor("float32", new Float32Array(0), [1, keyHeads, 0, headDim]);
    return Object.fromEntries(this.names().map((name) => [`past_key_values.${name}`, none()]));
  }

  private names(): string[] {
    return Array.from({ length: this.config.layers }, (_, layer) => [`${layer}.key`, `${layer}.value`]).flat();
  }
}

function row(values: readonly number[]): Tensor {
  return new Tensor("int64", BigInt64Array.from(values, BigInt), [1, values.length]);
}

/** The likeliest token (the first of equals), with its log-probability and the entropy at temperature 1. */
function greedy(logits: Float32Array): Readonly<Record<"token" | "logprob" | "entropy", number>> {
  const token = logits.reduce((best, value, index) => (value > (logits[best] as number) ? index : best), 0);
  const largest = logits[token] as number;
  const masses = Array.from(logits, (value) => Math.exp(value - largest));
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  const mean = masses.reduce((sum, mass, v) => sum + mass * ((logits[v] as number) - largest), 0) / total;
  return { token, logprob: 0 - Math.log(total), entropy: Math.log(total) - mean };
}
