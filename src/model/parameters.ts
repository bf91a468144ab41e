import { ALIGNMENT, type Cut, type PageLimits, paginate, type RowShard, rowsByPage, type Segment } from "../gpu/pages";
import { type ModelConfig, padTo4, widths } from "./config";

/** One axis on the device: `groups` blocks of `size` entries, each padded with zeros to `padded`. */
export interface Axis {
  readonly groups: number;
  readonly size: number;
  readonly padded: number;
}

/** One Hugging Face tensor and where it lies in the flat space of parameters. */
export interface Parameter extends Segment {
  readonly name: string;
  readonly shape: readonly number[];
  readonly rows: Axis;
  readonly columns: Axis;
}

/** A table of the vocabulary, [vocabulary, hidden] padded; its rows may lie in several pages. */
export interface Table extends Segment {
  /** Floats per row. */
  readonly width: number;
  /** Rows by page. */
  readonly shards: readonly RowShard[];
  /** The same in pieces of equal length, but for the last one: so many columns of logits exist at a time. */
  readonly chunks: readonly RowShard[];
}

/** A matrix that Muon orthogonalises on its own: padded rows × columns. */
export interface MuonMatrix extends Segment {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /** Rows per column of the matrix itself, padding not counted. */
  readonly aspect: number;
}

export interface LayerSegments {
  readonly norm1: Segment;
  readonly qkv: Segment;
  readonly qkvBias: Segment | null;
  readonly queryNorm: Segment | null;
  readonly keyNorm: Segment | null;
  readonly output: Segment;
  readonly norm2: Segment;
  readonly gateUp: Segment;
  readonly down: Segment;
}

/** How named tensors lie in one flat space, whose gradient and moments lie alike. */
export interface FlatLayout {
  readonly parameters: readonly Parameter[];
  /** Floats in the flat space. */
  readonly floats: number;
  /** The buffers it is cut into, at the starts of segments and between rows of tables. */
  readonly pages: readonly Segment[];
  /** Real parameters, padding not counted. */
  readonly count: number;
  readonly matrices: readonly MuonMatrix[];
  /** Everything that is not in `matrices`. */
  readonly vectors: Segment;
}

/** How a model's parameters lie in one flat space: vectors and tables first, matrices after them. */
export interface ParameterLayout extends FlatLayout {
  readonly limits: LayoutLimits;
  readonly embedding: Table;
  readonly head: Table;
  readonly finalNorm: Segment;
  readonly layers: readonly LayerSegments[];
}

/** What buffers and tables are cut by. */
export interface LayoutLimits extends PageLimits {
  /** Rows of a table that are never parted, where a buffer holds as many: one chunk of logits comes from them. */
  readonly chunkRows: number;
}
/** One buffer, however large; and so many logits of a token at a time that a matrix product is worth its launch. */
export const DEFAULT_LIMITS: LayoutLimits = {
  pageFloats: Number.MAX_SAFE_INTEGER,
  mostFloats: Number.MAX_SAFE_INTEGER,
  chunkRows: 8192,
};

/** A table may be bound, and logits may be written, from any multiple of so many rows: each has whole alignments then. */
const ROWS_PER_BLOCK = ALIGNMENT;

function chunkRowsFor(width: number, { pageFloats, chunkRows }: LayoutLimits): number {
  const blocks = Math.floor(Math.min(chunkRows, pageFloats / width) / ROWS_PER_BLOCK);
  return Math.max(1, blocks) * ROWS_PER_BLOCK;
}

export const plain = (size: number): Axis => ({ groups: 1, size, padded: padTo4(size) });

/** Gives tensors their places in a flat space. */
export class LayoutBuilder {
  readonly parameters: Parameter[] = [];
  private readonly cuts: Cut[] = [];
  offset = 0;

  /** Floats so far, rounded up so that whatever follows may be bound. */
  get floats(): number {
    return Math.ceil(this.offset / ALIGNMENT) * ALIGNMENT;
  }

  /** Real parameters so far. */
  get count(): number {
    return this.parameters.reduce((sum, p) => sum + p.shape.reduce((a, b) => a * b, 1), 0);
  }

  /** @throws KelvinError "out-of-memory" naming what one buffer cannot hold */
  pages(limits: PageLimits): Segment[] {
    return paginate(this.cuts, this.floats, limits);
  }

  /** Like `segment`, but pages may end after every `chunk` rows. */
  table(name: string, rows: Axis, columns: Axis, chunk: number): Segment {
    const table = this.segment({ name, rows, columns });
    const step = chunk * columns.padded;
    for (let offset = table.offset + step; offset < this.offset; offset += step) this.cuts.push({ offset, name });
    return table;
  }

  /** Place tensors one after another without gaps; the run starts aligned. */
  segment(...tensors: { name: string; rows: Axis | null; columns: Axis }[]): Segment {
    this.offset = this.floats;
    const start = this.offset;
    const others = tensors.length > 1 ? ` and ${tensors.length - 1} more` : "";
    this.cuts.push({ offset: start, name: `${tensors[0]?.name}${others}` });
    for (const { name, rows, columns } of tensors) {
      const shape = rows ? [rows.groups * rows.size, columns.groups * columns.size] : [columns.groups * columns.size];
      const deviceRows = rows ?? { groups: 1, size: 1, padded: 1 };
      const size = deviceRows.groups * deviceRows.padded * columns.groups * columns.padded;
      this.parameters.push({ name, shape, offset: this.offset, size, rows: deviceRows, columns });
      this.offset += size;
    }
    return { offset: start, size: this.offset - start };
  }
}

/**
 * The layout of a configuration; names are Hugging Face's.
 * @throws KelvinError "out-of-memory" naming a matrix that one buffer cannot hold
 */
export function parameterLayout(config: ModelConfig, limits = DEFAULT_LIMITS): ParameterLayout {
  const build = new LayoutBuilder();
  const hidden = plain(config.hidden);
  const { queryHeads, keyHeads, headDim } = config.heads;
  const headWidth = widths(config).head;
  const queries: Axis = { groups: queryHeads, size: headDim, padded: headWidth };
  const keys: Axis = { groups: keyHeads, size: headDim, padded: headWidth };
  const oneHead: Axis = { groups: 1, size: headDim, padded: headWidth };
  const intermediate = plain(config.intermediate);
  const vocabulary = plain(config.vocabulary);
  const vector = (name: string, columns: Axis): Segment => build.segment({ name, rows: null, columns });

  const chunk = chunkRowsFor(hidden.padded, limits);
  const embedding = build.table("model.embed_tokens.weight", vocabulary, hidden, chunk);
  const head = config.tied ? embedding : build.table("lm_head.weight", vocabulary, hidden, chunk);
  const finalNorm = vector("model.norm.weight", hidden);
  const prefix = (layer: number): string => `model.layers.${layer}.`;
  const vectors = Array.from({ length: config.layers }, (_, layer) => {
    const attention = `${prefix(layer)}self_attn.`;
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
  });
  build.offset = build.floats;
  const vectorFloats = build.offset;
  const firstMatrix = build.parameters.length;
  const layers = vectors.map((vectorSegments, layer) => {
    const attention = `${prefix(layer)}self_attn.`;
    const mlp = `${prefix(layer)}mlp.`;
    return {
      ...vectorSegments,
      qkv: build.segment(
        { name: `${attention}q_proj.weight`, rows: queries, columns: hidden },
        { name: `${attention}k_proj.weight`, rows: keys, columns: hidden },
        { name: `${attention}v_proj.weight`, rows: keys, columns: hidden },
      ),
      output: build.segment({ name: `${attention}o_proj.weight`, rows: hidden, columns: queries }),
      gateUp: build.segment(
        { name: `${mlp}gate_proj.weight`, rows: intermediate, columns: hidden },
        { name: `${mlp}up_proj.weight`, rows: intermediate, columns: hidden },
      ),
      down: build.segment({ name: `${mlp}down_proj.weight`, rows: hidden, columns: intermediate }),
    };
  });
  const pages = build.pages(limits);
  const table = (segment: Segment): Table => ({
    ...segment,
    width: hidden.padded,
    shards: rowsByPage(pages, segment, hidden.padded),
    chunks: Array.from({ length: Math.ceil(vocabulary.padded / chunk) }, (_, i) => ({
      first: i * chunk,
      rows: Math.min(chunk, vocabulary.padded - i * chunk),
    })),
  });
  const { parameters, floats, count } = build;
  return {
    parameters,
    floats,
    pages,
    count,
    limits,
    embedding: table(embedding),
    head: table(head),
    finalNorm,
    layers,
    matrices: parameters.slice(firstMatrix).map(muonMatrix),
    vectors: { offset: 0, size: vectorFloats },
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
