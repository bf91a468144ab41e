import { env, InferenceSession, Tensor } from "onnxruntime-web";
import type { ModelConfig } from "../../src/model/config";

// One thread: the machine's other tests run at the same time.
env.wasm.numThreads = 1;
/** Fatal errors only: what a test expects to be refused is no news. */
const QUIET = { logSeverityLevel: 4 } as const;

/** Keys and values by output name, as the last call left them. */
export type Past = Readonly<Record<string, Tensor>>;

export interface Output {
  /** [batch · sequence, vocabulary] */
  readonly logits: Float32Array;
  readonly past: Past;
}

/** An exported model in ONNX Runtime: the independent implementation. */
export class Runtime {
  private constructor(
    private readonly session: InferenceSession,
    private readonly config: ModelConfig,
  ) {}

  static async open(parts: readonly Uint8Array[], config: ModelConfig): Promise<Runtime> {
    return new Runtime(await InferenceSession.create(Buffer.concat(parts), QUIET), config);
  }

  get inputNames(): readonly string[] {
    return this.session.inputNames;
  }

  empty(batch: number): Past {
    const { layers, heads } = this.config;
    const none = new Tensor("float32", new Float32Array(0), [batch, heads.keyHeads, 0, heads.headDim]);
    const names = Array.from({ length: layers }, (_, layer) => [`present.${layer}.key`, `present.${layer}.value`]);
    return Object.fromEntries(names.flat().map((name) => [name, none]));
  }

  /** Rows of equal length; the first `padding[i]` positions of row i, past included, are hidden. */
  async run(
    rows: readonly ArrayLike<number>[],
    past = this.empty(rows.length),
    padding: number[] = [],
  ): Promise<Output> {
    const sequence = rows[0]?.length ?? 0;
    const before = past["present.0.key"]?.dims[2] ?? 0;
    const total = before + sequence;
    const int64 = (width: number, at: (row: number, column: number) => number): Tensor => {
      const data = rows.flatMap((_, row) => Array.from({ length: width }, (_, column) => BigInt(at(row, column))));
      return new Tensor("int64", BigInt64Array.from(data), [rows.length, width]);
    };
    const hidden = (row: number): number => padding[row] ?? 0;
    const outputs = await this.session.run(
      {
        input_ids: int64(sequence, (row, column) => rows[row]?.[column] as number),
        attention_mask: int64(total, (row, column) => (column < hidden(row) ? 0 : 1)),
        position_ids: int64(sequence, (row, column) => Math.max(0, before + column - hidden(row))),
        ...Object.fromEntries(
          Object.entries(past).map(([name, value]) => [name.replace("present", "past_key_values"), value]),
        ),
      },
      QUIET,
    );
    const { logits, ...present } = outputs;
    return { logits: logits?.data as Float32Array, past: present };
  }

  /** The prompt in one call, then token by token on the cache; ends after `count` tokens or at `endToken`. */
  async greedy(prompt: ArrayLike<number>, count: number, endToken = -1): Promise<number[]> {
    const tokens = Array.from(prompt);
    let output = await this.run([tokens]);
    for (let i = 0; i < count; i++) {
      const token = argmax(output.logits.subarray(-this.config.vocabulary));
      tokens.push(token);
      if (token === endToken || i === count - 1) break;
      output = await this.run([[token]], output.past);
    }
    return tokens;
  }
}

export function argmax(values: Float32Array): number {
  return values.reduce((best, value, i) => (value > (values[best] as number) ? i : best), 0);
}

/** max |a − b|; infinite for different lengths or anything that is no number. */
export function worstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length === 0) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs((a[i] as number) - (b[i] as number));
    if (!(difference <= worst)) worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return worst;
}
