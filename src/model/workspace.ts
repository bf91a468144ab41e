import { type Allocator, type Device, type DeviceBuffer, type View, view } from "../device/device";
import { RUNNING, SLOPES, STATS, slicesFor, TERMS } from "../ops/head";
import { SLICES } from "../ops/rmsnorm";
import { ropeTable } from "../ops/rope";
import { type ModelConfig, widths } from "./config";

/** Activations that one layer stores for its backward pass; [rows, ·]. */
export interface LayerActivations {
  /** Residual stream at the layer's input, and between attention and MLP. */
  readonly input: View;
  readonly middle: View;
  readonly rstd1: View;
  readonly normed1: View;
  /** After normalisation and rotation; input of attention. */
  readonly qkv: View;
  /** Before q/k normalisation (Qwen3 only). */
  readonly rawQkv: View | null;
  readonly queryRstd: View | null;
  readonly keyRstd: View | null;
  readonly attended: View;
  readonly lse: View;
  readonly rstd2: View;
  readonly normed2: View;
  readonly gateUp: View;
  readonly activated: View;
}

/** Every buffer of a forward and backward pass, planned once for at most `rows` tokens and `headRows` predictions. */
export interface Workspace {
  readonly rows: number;
  readonly headRows: number;
  readonly tokens: View;
  readonly positions: View;
  readonly start: View;
  readonly end: View;
  readonly order: View;
  readonly runs: View;
  readonly headIndex: View;
  readonly targets: View;
  readonly terms: View;
  readonly stats: View;
  readonly rope: View;
  /** Whether the forward pass stores all layers' activations, or only the last one's. */
  readonly keepsLayers: boolean;
  readonly layers: readonly LayerActivations[];
  readonly output: View;
  readonly headInput: View;
  readonly headNormed: View;
  readonly headRstd: View;
  /** Logits of one chunk of the vocabulary, [headRows, columns]. */
  readonly logits: View;
  /** Running distribution over the vocabulary. */
  readonly running: View;
  readonly slopes: View;
  /** Absent in a workspace for inference. */
  readonly backward: BackwardSpace | null;
  readonly buffers: readonly DeviceBuffer[];
}

/** Gradients of activations, named `d` and their activation; all layers share them. */
export interface BackwardSpace {
  /** Gradient of the residual stream. */
  readonly dx: View;
  readonly dHead: View;
  readonly dHeadNormed: View;
  readonly dNormed: View;
  readonly dQkv: View;
  readonly dRawQkv: View | null;
  readonly dAttended: View;
  readonly delta: View;
  readonly dGateUp: View;
  readonly dActivated: View;
  readonly partial: View;
}

/**
 * Purpose of a workspace. "kept" and "recomputed" are for training: every layer stores its activations, or only its input, from
 * which the backward pass computes the rest again (Chen et al., arXiv 1604.06174). "inference" stores nothing.
 */
export type Activations = "kept" | "recomputed" | "inference";

/** Sizes of a workspace. */
export interface WorkspaceSizes {
  /** Tokens, and how many of them predict. */
  readonly rows: number;
  readonly headRows: number;
  /** Columns per chunk of logits. */
  readonly columns: number;
  readonly activations: Activations;
}

/** Plans a workspace; layers share buffers that they need not store. */
export function planWorkspace(allocator: Allocator, config: ModelConfig, sizes: WorkspaceSizes): Workspace {
  const { rows, headRows, columns, activations } = sizes;
  const training = activations !== "inference";
  const w = widths(config);
  const { queryHeads, keyHeads, headDim } = config.heads;
  const buffers: DeviceBuffer[] = [];
  const plan = (name: string, floats: number): View => {
    const buffer = allocator.storage(name, floats);
    buffers.push(buffer);
    return view(buffer);
  };
  const layer = (name: string, input: View): LayerActivations => ({
    input,
    middle: plan(`${name}.middle`, rows * w.hidden),
    rstd1: plan(`${name}.rstd1`, rows),
    normed1: plan(`${name}.normed1`, rows * w.hidden),
    qkv: plan(`${name}.qkv`, rows * w.qkv),
    rawQkv: config.queryKeyNorm ? plan(`${name}.rawQkv`, rows * w.qkv) : null,
    queryRstd: config.queryKeyNorm ? plan(`${name}.queryRstd`, rows * queryHeads) : null,
    keyRstd: config.queryKeyNorm ? plan(`${name}.keyRstd`, rows * keyHeads) : null,
    attended: plan(`${name}.attended`, rows * w.queries),
    lse: plan(`${name}.lse`, rows * queryHeads),
    rstd2: plan(`${name}.rstd2`, rows),
    normed2: plan(`${name}.normed2`, rows * w.hidden),
    gateUp: plan(`${name}.gateUp`, rows * 2 * w.intermediate),
    activated: plan(`${name}.activated`, rows * w.intermediate),
  });
  const streams = training ? config.layers : 1;
  const inputs = Array.from({ length: streams + 1 }, (_, i) => plan(`residual.${i}`, rows * w.hidden));
  const shared = activations === "kept" ? null : layer("layer", inputs[0] as View);
  const layers = Array.from({ length: config.layers }, (_, i) => {
    const input = inputs[training ? i : i % 2] as View;
    return shared ? { ...shared, input } : layer(`layer.${i}`, input);
  });
  const widest = Math.max(w.hidden, w.qkv, w.head);
  return {
    rows,
    headRows,
    tokens: plan("tokens", rows),
    positions: plan("positions", rows),
    start: plan("start", rows),
    end: plan("end", rows),
    order: plan("order", rows),
    runs: plan("runs", rows + 1),
    headIndex: plan("headIndex", headRows),
    targets: plan("targets", headRows),
    terms: plan("terms", headRows * TERMS),
    stats: plan("stats", headRows * STATS),
    rope: plan("rope", config.contextLength * headDim),
    keepsLayers: activations === "kept",
    layers,
    output: inputs[training ? streams : config.layers % 2] as View,
    headInput: plan("headInput", headRows * w.hidden),
    headNormed: plan("headNormed", headRows * w.hidden),
    headRstd: plan("headRstd", headRows),
    logits: plan("logits", headRows * columns),
    running: plan("running", headRows * slicesFor(columns) * RUNNING),
    slopes: plan("slopes", headRows * SLOPES),
    backward: training
      ? {
          dx: plan("dx", rows * w.hidden),
          dHead: plan("dHead", headRows * w.hidden),
          dHeadNormed: plan("dHeadNormed", headRows * w.hidden),
          dNormed: plan("dNormed", rows * w.hidden),
          dQkv: plan("dQkv", rows * w.qkv),
          dRawQkv: config.queryKeyNorm ? plan("dRawQkv", rows * w.qkv) : null,
          dAttended: plan("dAttended", rows * w.queries),
          delta: plan("delta", rows * queryHeads),
          dGateUp: plan("dGateUp", rows * 2 * w.intermediate),
          dActivated: plan("dActivated", rows * w.intermediate),
          partial: plan("partial", SLICES * widest),
        }
      : null,
    buffers,
  };
}

/** Writes the constant buffers. */
export function fillWorkspace(device: Device, config: ModelConfig, space: Workspace): void {
  const { contextLength, heads, ropeBase, ropeScaling } = config;
  device.write(space.rope.buffer, ropeTable(contextLength, heads.headDim, ropeBase, ropeScaling));
}
