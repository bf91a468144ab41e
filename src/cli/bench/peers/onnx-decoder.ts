import { InferenceSession, Tensor } from "onnxruntime-web/webgpu";
import { exportOnnx } from "../../../export/decoder";
import type { ModelConfig } from "../../../model/config";
import type { Tensor as Weight } from "../../../model/safetensors";

/** Keys and values of every layer, by the names of the graph's inputs. */
type Past = Readonly<Record<string, Tensor>>;

/**
 * Greedy decoding of a batch as in ONNX Runtime's documentation: keys and values stay on the device and become the next step's
 * past; logits are read back.
 */
export class Decoder {
  private constructor(
    private readonly session: InferenceSession,
    private readonly config: ModelConfig,
  ) {}

  static async open(config: ModelConfig, weights: ReadonlyMap<string, Weight>): Promise<Decoder> {
    const present = namesOf(config).map((name) => [`present.${name}`, "gpu-buffer"] as const);
    const session = await InferenceSession.create(joined(exportOnnx(config, weights)), {
      executionProviders: ["webgpu"],
      preferredOutputLocation: { logits: "cpu", ...Object.fromEntries(present) },
      logSeverityLevel: 3,
    });
    return new Decoder(session, config);
  }

  /** Continues prompts of equal length. @returns the tokens after the first prompt */
  async write(prompts: readonly Int32Array[], count: number): Promise<number[]> {
    let past = this.nothing(prompts.length);
    let inputs = prompts.map((prompt) => Array.from(prompt));
    let position = 0;
    const first: number[] = [];
    while (first.length < count) {
      const { next, present } = await this.step(inputs, position, past);
      for (const tensor of Object.values(past)) tensor.dispose();
      first.push(next[0] as number);
      past = present;
      position += inputs[0]?.length ?? 0;
      inputs = next.map((token) => [token]);
    }
    for (const tensor of Object.values(past)) tensor.dispose();
    return first;
  }

  private async step(
    inputs: readonly (readonly number[])[],
    position: number,
    past: Past,
  ): Promise<{ next: number[]; present: Past }> {
    const length = inputs[0]?.length ?? 0;
    const outputs = await this.session.run({
      input_ids: integers(inputs),
      attention_mask: integers(inputs.map(() => new Array<number>(position + length).fill(1))),
      position_ids: integers(inputs.map((row) => row.map((_, t) => position + t))),
      ...past,
    });
    const logits = (await outputs["logits"]?.getData()) as Float32Array;
    const { vocabulary } = this.config;
    const next = inputs.map((_, row) => {
      const end = (row + 1) * length * vocabulary;
      return likeliest(logits.subarray(end - vocabulary, end));
    });
    const present = namesOf(this.config).map((name) => [
      `past_key_values.${name}`,
      outputs[`present.${name}`] as Tensor,
    ]);
    return { next, present: Object.fromEntries(present) };
  }

  private nothing(rows: number): Past {
    const { keyHeads, headDim } = this.config.heads;
    const none = (): Tensor => new Tensor("float32", new Float32Array(0), [rows, keyHeads, 0, headDim]);
    return Object.fromEntries(namesOf(this.config).map((name) => [`past_key_values.${name}`, none()]));
  }
}

/** Joins the pieces of a file. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const file = new Uint8Array(parts.reduce((length, part) => length + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.byteLength;
  }
  return file;
}

function namesOf({ layers }: ModelConfig): string[] {
  return Array.from({ length: layers }, (_, layer) => [`${layer}.key`, `${layer}.value`]).flat();
}

function integers(rows: readonly (readonly number[])[]): Tensor {
  return new Tensor("int64", BigInt64Array.from(rows.flat(), BigInt), [rows.length, rows[0]?.length ?? 0]);
}

function likeliest(logits: Float32Array): number {
  return logits.reduce((best, value, token) => (value > (logits[best] as number) ? token : best), 0);
}
