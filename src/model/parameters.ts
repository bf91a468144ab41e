import { KelvinError } from "../contracts";
import type { Range4 } from "../ops/adamw";
import { type ModelConfig, padTo4, widths } from "./config";
import type { Tensor } from "./safetensors";

/** One axis on the device: `groups` blocks of `size` entries, each padded with zeros to `padded`. */
export interface Axis {
  readonly groups: number;
  readonly size: number;
  readonly padded: number;
}

/** One Hugging Face tensor and where it lies in the flat parameter buffer. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** In floats. */
  readonly offset: number;
  readonly rows: Axis;
  readonly columns: Axis;
}

/** A run of tensors that one kernel reads as a single matrix or vector; in floats. */
export interface Segment {
  readonly offset: number;
  readonly size: number;
}

/** A matrix that Muon orthogonalises on its own: padded rows × columns at `range`. */
export interface MuonMatrix {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly range: Range4;
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

/** How named tensors lie in one flat buffer, whose gradient and moments lie alike. */
export interface FlatLayout {
  readonly parameters: readonly Parameter[];
  /** Floats in the flat buffer. */
  readonly floats: number;
  /** Real parameters, padding not counted. */
  readonly count: number;
  readonly matrices: readonly MuonMatrix[];
  /** Everything that is not in `matrices`. */
  readonly vectors: Range4;
}

/** How a model's parameters lie in one flat buffer: vectors and tables first, matrices after them. */
export interface ParameterLayout extends FlatLayout {
  readonly embedding: Segment;
  readonly head: Segment;
  readonly finalNorm: Segment;
  readonly layers: readonly LayerSegments[];
}

/** Storage bindings start at multiples of 256 bytes. */
const ALIGNMENT = 64;

export const plain = (size: number): Axis => ({ groups: 1, size, padded: padTo4(size) });

/** Gives tensors their places in a flat buffer. */
export class LayoutBuilder {
  readonly parameters: Parameter[] = [];
  offset = 0;

  /** Floats so far, rounded up so that any buffer of them is whole vec4. */
  get floats(): number {
    return Math.ceil(this.offset / ALIGNMENT) * ALIGNMENT;
  }

  /** Real parameters so far. */
  get count(): number {
    return this.parameters.reduce((sum, p) => sum + p.shape.reduce((a, b) => a * b, 1), 0);
  }

  /** Place tensors one after another without gaps; the run starts aligned. */
  segment(...tensors: { name: string; rows: Axis | null; columns: Axis }[]): Segment {
    this.offset = this.floats;
    const start = this.offset;
    for (const { name, rows, columns } of tensors) {
      const shape = rows ? [rows.groups * rows.size, columns.groups * columns.size] : [columns.groups * columns.size];
      this.parameters.push({
        name,
        shape,
        offset: this.offset,
        rows: rows ?? { groups: 1, size: 1, padded: 1 },
        columns,
      });
      this.offset += (rows ? rows.groups * rows.padded : 1) * columns.groups * columns.padded;
    }
    return { offset: start, size: this.offset - start };
  }
}

/** The layout of a configuration; names are Hugging Face's. */
export function parameterLayout(config: ModelConfig): ParameterLayout {
  const build = new LayoutBuilder();
  const hidden = plain(config.hidden);
  const { queryHeads, keyHeads, headDim } = config.heads;
  const headWidth = widths(config).head;
  const queries: Axis = { groups: queryHeads, size: headDim, padded: headWidth };
  const keys: Axis = { groups: keyHeads, size: headDim, padded: headWidth };
  const head: Axis = { groups: 1, size: headDim, padded: headWidth };
  const intermediate = plain(config.intermediate);
  const vocabulary = plain(config.vocabulary);
  const vector = (name: string, columns: Axis): Segment => build.segment({ name, rows: null, columns });

  const embedding = build.segment({ name: "model.embed_tokens.weight", rows: vocabulary, columns: hidden });
  const untied = config.tied ? null : build.segment({ name: "lm_head.weight", rows: vocabulary, columns: hidden });
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
      queryNorm: config.queryKeyNorm ? vector(`${attention}q_norm.weight`, head) : null,
      keyNorm: config.queryKeyNorm ? vector(`${attention}k_norm.weight`, head) : null,
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
  const { parameters, floats, count } = build;
  return {
    parameters,
    floats,
    count,
    embedding,
    head: untied ?? embedding,
    finalNorm,
    layers,
    matrices: parameters.slice(firstMatrix).map(muonMatrix),
    vectors: { first: 0, count: vectorFloats / 4 },
  };
}

function muonMatrix({ name, offset, rows, columns }: Parameter): MuonMatrix {
  const paddedRows = rows.groups * rows.padded;
  const paddedColumns = columns.groups * columns.padded;
  return {
    name,
    rows: paddedRows,
    columns: paddedColumns,
    range: { first: offset / 4, count: (paddedRows * paddedColumns) / 4 },
    aspect: (rows.groups * rows.size) / (columns.groups * columns.size),
  };
}

/** Calls `visit(index in the HF tensor, index in the flat buffer, length)` for every contiguous stretch. */
function forEachStretch(p: Parameter, visit: (source: number, target: number, length: number) => void): void {
  const rowLength = p.columns.groups * p.columns.padded;
  for (let row = 0; row < p.rows.groups * p.rows.size; row++) {
    const deviceRow = Math.floor(row / p.rows.size) * p.rows.padded + (row % p.rows.size);
    for (let group = 0; group < p.columns.groups; group++) {
      visit(
        (row * p.columns.groups + group) * p.columns.size,
        p.offset + deviceRow * rowLength + group * p.columns.padded,
        p.columns.size,
      );
    }
  }
}

/** Hugging Face tensors of `file` → flat buffer. @throws KelvinError "model" for a missing tensor or a wrong shape */
export function packParameters(
  layout: FlatLayout,
  tensors: ReadonlyMap<string, Tensor>,
  file = "model.safetensors",
): Float32Array<ArrayBuffer> {
  // All tensors are looked at before memory is taken: a wrong config.json may ask for any amount.
  const found = layout.parameters.map((parameter) => ({ parameter, tensor: matching(parameter, tensors, file) }));
  const flat = new Float32Array(layout.floats);
  for (const { parameter, tensor } of found) {
    forEachStretch(parameter, (source, target, length) =>
      flat.set(tensor.data.subarray(source, source + length), target),
    );
  }
  return flat;
}

function matching({ name, shape }: Parameter, tensors: ReadonlyMap<string, Tensor>, file: string): Tensor {
  const hint = "The weights do not belong to this config.json.";
  const tensor = tensors.get(name);
  if (!tensor) throw new KelvinError("model", `${file}: ${name} is missing`, hint);
  if (tensor.shape.join() !== shape.join()) {
    throw new KelvinError("model", `${name}: expected [${shape}], got [${tensor.shape}]`, hint);
  }
  return tensor;
}

/** Flat buffer → Hugging Face tensors, in the layout's order. */
export function unpackParameters(layout: FlatLayout, flat: Float32Array): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const parameter of layout.parameters) {
    const data = new Float32Array(parameter.shape.reduce((a, b) => a * b, 1));
    forEachStretch(parameter, (source, target, length) => data.set(flat.subarray(target, target + length), source));
    tensors.set(parameter.name, { shape: parameter.shape, data });
  }
  return tensors;
}
