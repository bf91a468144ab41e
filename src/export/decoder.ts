import { checkParameters } from "../model/belongs";
import { type ModelConfig, stretched } from "../model/config";
import { readableTensors } from "../model/parameter-transfer";
import { parameterLayout } from "../model/parameters";
import type { Tensor } from "../model/safetensors";
import { ropeTable } from "../ops/rope";
import { type Dimension, Graph, type Value } from "./onnx";

/** Added to the score of a hidden position: exp then gives exactly 0, and a row with only hidden positions stays finite. */
const UNSEEN = -1e30;
/** `TensorProto.DataType` */
const BOOLEAN = 9;

/** Values that all layers share. */
interface Shared {
  /** [batch, 1, group · sequence, total]: 0 for visible positions, `UNSEEN` for others. */
  readonly mask: Value;
  /** [batch, sequence, 1, headDim / 2] */
  readonly cos: Value;
  readonly sin: Value;
  /** The shape [batch, sequence], as a vector. */
  readonly shape: Value;
}

/**
 * Writes a Llama, Qwen2 or Qwen3 decoder as an ONNX file, in pieces. Names and shapes are those of Hugging Face's exporter for
 * decoders with past, so that the same programs can read it:
 *
 * input_ids, position_ids int64 [batch, sequence] attention_mask int64 [batch, past + sequence]; 0 hides a position (padding on
 * the left) past_key_values.N.key, .value float32 [batch, key heads, past, head_dim]; past may be 0 logits float32 [batch,
 * sequence, vocabulary] present.N.key, .value float32 [batch, key heads, past + sequence, head_dim]
 *
 * Weights keep their names and their [out, in] layout; a tied head is the embedding itself.
 * @throws KelvinError "model" for weights that do not fit the configuration, or are too large for one file
 */
export function exportOnnx(config: ModelConfig, tensors: ReadonlyMap<string, Tensor>): readonly Uint8Array[] {
  const graph = new Graph(config.family);
  const tokens = graph.input("input_ids", "int64", ["batch", "sequence"]);
  const visible = graph.input("attention_mask", "int64", ["batch", "total"]);
  const positions = graph.input("position_ids", "int64", ["batch", "sequence"]);
  const cache = cacheInputs(graph, config);
  const { parameters } = parameterLayout(config);
  checkParameters({ parameters }, readableTensors(tensors));
  const names = new Set(parameters.map(({ name }) => name));
  for (const [name, { shape, data }] of tensors) if (names.has(name)) graph.weight(name, shape, data);

  const shape = graph.op("Shape", [tokens]);
  const shared: Shared = {
    shape,
    mask: attentionMask(graph, config, { shape, visible, keys: cache[0]?.key as Value }),
    ...rotation(graph, config, positions),
  };
  const embedded = graph.op("Gather", ["model.embed_tokens.weight", tokens], { axis: 0 });
  let x = graph.op("Reshape", [embedded, graph.integers([-1, config.hidden])]);
  const present = cache.map((past, layer) => {
    const prefix = `model.layers.${layer}.`;
    const normed = rmsNorm(graph, config, x, `${prefix}input_layernorm.weight`);
    const { output, ...fresh } = attention(graph, config, `${prefix}self_attn.`, normed, past, shared);
    x = graph.op("Add", [x, output]);
    x = graph.op("Add", [x, feedForward(graph, config, prefix, x)]);
    return fresh;
  });
  const head = config.tied ? "model.embed_tokens.weight" : "lm_head.weight";
  const logits = linear(graph, rmsNorm(graph, config, x, "model.norm.weight"), head);
  const unflattened = graph.op("Reshape", [logits, followedBy(graph, shape, config.vocabulary)]);
  graph.output("logits", unflattened, ["batch", "sequence", config.vocabulary]);
  cacheOutputs(graph, config, present);
  return graph.encode();
}

/** Keys and values of one layer: [batch, key heads, positions, headDim]. */
interface Cache {
  readonly key: Value;
  readonly value: Value;
}

function cacheShape({ heads }: ModelConfig, positions: Dimension): Dimension[] {
  return ["batch", heads.keyHeads, positions, heads.headDim];
}

function cacheInputs(graph: Graph, config: ModelConfig): Cache[] {
  return Array.from({ length: config.layers }, (_, layer) => ({
    key: graph.input(`past_key_values.${layer}.key`, "float32", cacheShape(config, "past")),
    value: graph.input(`past_key_values.${layer}.value`, "float32", cacheShape(config, "past")),
  }));
}

function cacheOutputs(graph: Graph, config: ModelConfig, present: readonly Cache[]): void {
  for (const [layer, { key, value }] of present.entries()) {
    graph.output(`present.${layer}.key`, key, cacheShape(config, "total"));
    graph.output(`present.${layer}.value`, value, cacheShape(config, "total"));
  }
}

/** The vector `shape` with `sizes` appended. */
function followedBy(graph: Graph, shape: Value, ...sizes: number[]): Value {
  return graph.op("Concat", [shape, graph.integers(sizes)], { axis: 0 });
}

/** New token i sees the first past + i + 1 positions, except those that the caller's mask hides. */
function attentionMask(
  graph: Graph,
  { heads }: ModelConfig,
  { shape, visible, keys }: { shape: Value; visible: Value; keys: Value },
): Value {
  const size = (of: Value, axis: number): Value => graph.op("Gather", [of, graph.integer(axis)], { axis: 0 });
  const past = size(graph.op("Shape", [keys]), 2);
  const total = graph.op("Add", [past, size(shape, 1)]);
  const range = (from: Value): Value => graph.op("Range", [from, total, graph.integer(1)]);
  const rows = graph.op("Unsqueeze", [range(past), graph.integers([1])]);
  const causal = graph.op("LessOrEqual", [range(graph.integer(0)), rows]);
  const shown = graph.op("Cast", [graph.op("Unsqueeze", [visible, graph.integers([1, 2])])], { to: BOOLEAN });
  const seen = graph.op("And", [causal, shown]);
  const added = graph.op("Where", [seen, graph.scalar(0), graph.scalar(UNSEEN)]);
  const group = heads.queryHeads / heads.keyHeads;
  return graph.op("Tile", [added, graph.integers([1, 1, group, 1])]);
}

/**
 * cos and sin of every token's position, from a table in float64 rounded once; Su et al., arXiv 2104.09864. The table
 * reaches as far as the engine does.
 */
function rotation(graph: Graph, config: ModelConfig, positions: Value): Pick<Shared, "cos" | "sin"> {
  const { contextLength, heads, ropeBase, ropeScaling } = stretched(config);
  const half = heads.headDim / 2;
  const angles = ropeTable(contextLength, heads.headDim, ropeBase, ropeScaling);
  const table = graph.weight("rotary", [contextLength, half, 2], angles);
  const pairs = graph.op("Gather", [table, positions], { axis: 0 });
  const apart = graph.op("Transpose", [pairs], { perm: [0, 1, 3, 2] });
  const [cos, sin] = graph.ops("Split", 2, [apart], { axis: 2 }) as [Value, Value];
  return { cos, sin };
}

/** (a, b) ← (a·cos − b·sin, b·cos + a·sin), a and b the halves of every head of x [batch, sequence, heads, headDim]. */
function rotate(graph: Graph, x: Value, { cos, sin }: Shared): Value {
  const [a, b] = graph.ops("Split", 2, [x], { axis: 3 }) as [Value, Value];
  const times = (left: Value, right: Value): Value => graph.op("Mul", [left, right]);
  const first = graph.op("Sub", [times(a, cos), times(b, sin)]);
  const second = graph.op("Add", [times(b, cos), times(a, sin)]);
  return graph.op("Concat", [first, second], { axis: 3 });
}

/** x · Wᵀ + b over rows of x. */
function linear(graph: Graph, x: Value, weight: Value, bias?: Value): Value {
  return graph.op("Gemm", bias ? [x, weight, bias] : [x, weight], { transB: 1 });
}

/** x / √(mean(x²) + ε) · w over the last axis; Zhang and Sennrich, arXiv 1910.07467. */
function rmsNorm(graph: Graph, { eps }: ModelConfig, x: Value, weight: Value): Value {
  const mean = graph.op("ReduceMean", [graph.op("Mul", [x, x])], { axes: [-1], keepdims: 1 });
  const root = graph.op("Sqrt", [graph.op("Add", [mean, graph.scalar(eps)])]);
  return graph.op("Mul", [graph.op("Div", [x, root]), weight]);
}

/**
 * Grouped-query attention over past and new positions; Ainslie et al., arXiv 2305.13245. Queries that share a key head are rows
 * of one matrix, so keys are not repeated.
 */
function attention(
  graph: Graph,
  config: ModelConfig,
  prefix: string,
  x: Value,
  past: Cache,
  shared: Shared,
): Cache & { output: Value } {
  const { queryHeads, keyHeads, headDim } = config.heads;
  const group = queryHeads / keyHeads;
  const project = (name: "q" | "k" | "v", heads: number): Value => {
    const rows = linear(
      graph,
      x,
      `${prefix}${name}_proj.weight`,
      config.attentionBias ? `${prefix}${name}_proj.bias` : undefined,
    );
    return graph.op("Reshape", [rows, followedBy(graph, shared.shape, heads, headDim)]);
  };
  const normed = (name: "q" | "k", value: Value): Value =>
    config.queryKeyNorm ? rmsNorm(graph, config, value, `${prefix}${name}_norm.weight`) : value;
  const heads = (value: Value): Value => graph.op("Transpose", [value], { perm: [0, 2, 1, 3] });

  const query = rotate(graph, normed("q", project("q", queryHeads)), shared);
  const scaled = graph.op("Mul", [heads(query), graph.scalar(1 / Math.sqrt(headDim))]);
  const rows = graph.op("Reshape", [scaled, graph.integers([0, keyHeads, -1, headDim])]);
  const key = graph.op("Concat", [past.key, heads(rotate(graph, normed("k", project("k", keyHeads)), shared))], {
    axis: 2,
  });
  const value = graph.op("Concat", [past.value, heads(project("v", keyHeads))], { axis: 2 });

  const scores = graph.op("MatMul", [rows, graph.op("Transpose", [key], { perm: [0, 1, 3, 2] })]);
  const weights = graph.op("Softmax", [graph.op("Add", [scores, shared.mask])], { axis: 3 });
  const mixed = graph.op("MatMul", [weights, value]);
  const apart = graph.op("Reshape", [mixed, graph.integers([0, 0, group, -1, headDim])]);
  const byToken = graph.op("Transpose", [apart], { perm: [0, 3, 1, 2, 4] });
  const flat = graph.op("Reshape", [byToken, graph.integers([-1, queryHeads * headDim])]);
  return { key, value, output: linear(graph, flat, `${prefix}o_proj.weight`) };
}

/** SwiGLU of the normed rows: down(silu(gate) ⊙ up); Shazeer, arXiv 2002.05202. */
function feedForward(graph: Graph, config: ModelConfig, prefix: string, x: Value): Value {
  const normed = rmsNorm(graph, config, x, `${prefix}post_attention_layernorm.weight`);
  const gate = linear(graph, normed, `${prefix}mlp.gate_proj.weight`);
  const up = linear(graph, normed, `${prefix}mlp.up_proj.weight`);
  const silu = graph.op("Mul", [gate, graph.op("Sigmoid", [gate])]);
  return linear(graph, graph.op("Mul", [silu, up]), `${prefix}mlp.down_proj.weight`);
}
