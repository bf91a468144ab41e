import type { Precision } from "../contracts";
import {
  type PagedMatrix,
  type PageLimits,
  type RowShard,
  rowsByPage,
  type Segment,
  wholeBlocks,
} from "../device/pages";
import type { MuonMatrix, SteppedLayout } from "../optimizer/layout";
import { type ModelConfig, widths } from "./config";
import { type Axis, LayoutBuilder, type Parameter, type PlacedMatrix, plain } from "./layout-builder";

/** A table of the vocabulary, [vocabulary, hidden] padded. */
export interface Table extends PagedMatrix {
  /** Its rows in chunks of equal length (the last may be shorter), for computing that many columns of logits at a time. */
  readonly chunks: readonly RowShard[];
}

/** Places of one layer's parameters; null for those that the family lacks. */
export interface LayerSegments {
  readonly norm1: Segment;
  readonly qkv: PagedMatrix;
  readonly qkvBias: Segment | null;
  readonly queryNorm: Segment | null;
  readonly keyNorm: Segment | null;
  readonly output: PagedMatrix;
  readonly norm2: Segment;
  readonly gateUp: PagedMatrix;
  readonly down: PagedMatrix;
}

/** Named tensors in one flat space. Its pages are cut at the starts of segments and between rows of tables and large matrices. */
export interface FlatLayout extends SteppedLayout {
  readonly parameters: readonly Parameter[];
  /** Parameters without padding. */
  readonly count: number;
}

/** Layout of a model's parameters in one flat space: vectors and tables first, matrices after them. */
export interface ParameterLayout extends FlatLayout {
  readonly limits: LayoutLimits;
  /** Number format of matrices and tables; vectors are float32. */
  readonly precision: Precision;
  readonly embedding: Table;
  readonly head: Table;
  readonly finalNorm: Segment;
  readonly layers: readonly LayerSegments[];
}

/** Sizes that decide the cuts of buffers and tables. */
export interface LayoutLimits extends PageLimits {
  /** Rows of a table in one chunk of logits; not cut if a buffer can hold them. */
  readonly chunkRows: number;
}
/** One buffer of any size, and chunks of logits large enough for efficient matrix products. */
export const DEFAULT_LIMITS: LayoutLimits = {
  pageFloats: Number.MAX_SAFE_INTEGER,
  mostFloats: Number.MAX_SAFE_INTEGER,
  chunkRows: 8192,
};

/** Layout of the configuration's axes on the device. */
interface Axes {
  readonly hidden: Axis;
  readonly queries: Axis;
  readonly keys: Axis;
  readonly oneHead: Axis;
  readonly intermediate: Axis;
  readonly vocabulary: Axis;
}

function axesOf(config: ModelConfig): Axes {
  const { queryHeads, keyHeads, headDim } = config.heads;
  const heads = (groups: number): Axis => ({ groups, size: headDim, padded: widths(config).head });
  return {
    hidden: plain(config.hidden),
    queries: heads(queryHeads),
    keys: heads(keyHeads),
    oneHead: heads(1),
    intermediate: plain(config.intermediate),
    vocabulary: plain(config.vocabulary),
  };
}

/**
 * The layout of a configuration, with Hugging Face's tensor names.
 * @throws KelvinError "out-of-memory" that names a matrix of which one buffer cannot hold even a few rows
 */
export function parameterLayout(
  config: ModelConfig,
  limits = DEFAULT_LIMITS,
  precision: Precision = "float32",
): ParameterLayout {
  const build = new LayoutBuilder(limits, precision);
  const axes = axesOf(config);
  const { hidden, vocabulary } = axes;
  const chunk = wholeBlocks(Math.min(limits.chunkRows * hidden.padded, limits.pageFloats), hidden.padded);
  const newTable = (name: string): PlacedMatrix => build.table(chunk, { name, rows: vocabulary, columns: hidden });
  const embedding = newTable("model.embed_tokens.weight");
  const head = config.tied ? embedding : newTable("lm_head.weight");
  const finalNorm = build.segment({ name: "model.norm.weight", rows: null, columns: hidden });
  const vectors = Array.from({ length: config.layers }, (_, layer) => placeVectors(build, config, axes, layer));
  build.offset = build.floats;
  const vectorFloats = build.offset;
  const firstMatrix = build.parameters.length;
  const matrices = vectors.map((_, layer) => placeMatrices(build, axes, layer));
  const pages = build.pages();
  const paged = (matrix: PlacedMatrix): PagedMatrix => ({ ...matrix, shards: rowsByPage(pages, matrix, matrix.width) });
  const table = (matrix: PlacedMatrix): Table => ({ ...paged(matrix), chunks: chunksOf(vocabulary.padded, chunk) });
  const { parameters, floats, count } = build;
  return {
    parameters,
    floats,
    pages,
    count,
    limits,
    precision,
    embedding: table(embedding),
    head: table(head),
    finalNorm,
    layers: vectors.map((vector, layer) => {
      const { qkv, output, gateUp, down } = matrices[layer] as ReturnType<typeof placeMatrices>;
      return { ...vector, qkv: paged(qkv), output: paged(output), gateUp: paged(gateUp), down: paged(down) };
    }),
    matrices: parameters.slice(firstMatrix).map(muonMatrix),
    vectors: { offset: 0, size: vectorFloats },
  };
}

function chunksOf(rows: number, chunk: number): RowShard[] {
  return Array.from({ length: Math.ceil(rows / chunk) }, (_, i) => ({
    first: i * chunk,
    rows: Math.min(chunk, rows - i * chunk),
  }));
}

const prefix = (layer: number): string => `model.layers.${layer}.`;

function placeVectors(
  build: LayoutBuilder,
  config: ModelConfig,
  { hidden, queries, keys, oneHead }: Axes,
  layer: number,
) {
  const attention = `${prefix(layer)}self_attn.`;
  const vector = (name: string, columns: Axis): Segment => build.segment({ name, rows: null, columns });
  return {
    norm1: vector(`${prefix(layer)}input_layernorm.weight`, hidden),
    norm2: vector(`${prefix(layer)}post_attention_layernorm.weight`, hidden),
    qkvBias: config.attentionBias
      ? build.segment(
          { name: `${attention}q_proj.bias`, rows: null, columns: queries },
          { name: `${attention}k_proj.bias`, rows: null, columns: keys },
          { name: `${attention}v_proj.bias`, rows: null, columns: keys },
        )
      : null,
    queryNorm: config.queryKeyNorm ? vector(`${attention}q_norm.weight`, oneHead) : null,
    keyNorm: config.queryKeyNorm ? vector(`${attention}k_norm.weight`, oneHead) : null,
  };
}

function placeMatrices(build: LayoutBuilder, { hidden, queries, keys, intermediate }: Axes, layer: number) {
  const attention = `${prefix(layer)}self_attn.`;
  const mlp = `${prefix(layer)}mlp.`;
  return {
    qkv: build.matrix(
      { name: `${attention}q_proj.weight`, rows: queries, columns: hidden },
      { name: `${attention}k_proj.weight`, rows: keys, columns: hidden },
      { name: `${attention}v_proj.weight`, rows: keys, columns: hidden },
    ),
    output: build.matrix({ name: `${attention}o_proj.weight`, rows: hidden, columns: queries }),
    gateUp: build.matrix(
      { name: `${mlp}gate_proj.weight`, rows: intermediate, columns: hidden },
      { name: `${mlp}up_proj.weight`, rows: intermediate, columns: hidden },
    ),
    down: build.matrix({ name: `${mlp}down_proj.weight`, rows: hidden, columns: intermediate }),
  };
}

function muonMatrix({ name, offset, size, rows, columns }: Parameter): MuonMatrix {
  return {
    name,
    rows: rows.groups * rows.padded,
    columns: columns.groups * columns.padded,
    offset,
    size,
    aspect: (rows.groups * rows.size) / (columns.groups * columns.size),
  };
}
