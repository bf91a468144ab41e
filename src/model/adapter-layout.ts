import { KelvinError, type LoraConfig, type LoraTarget, loraProblem, type Rng } from "../contracts";
import type { Segment } from "../device/pages";
import { padTo4 } from "./config";
import { LayoutBuilder, type Parameter, paddedLength, plain } from "./layout-builder";
import type { FlatLayout, ParameterLayout } from "./parameters";
import type { Tensor } from "./safetensors";

/** The projections of a layer as kernels see them, and the targets in each, in column order. */
const PROJECTIONS = { qkv: ["q", "k", "v"], output: ["o"], gateUp: ["gate", "up"], down: ["down"] } as const;
export type Projection = keyof typeof PROJECTIONS;

/** Hugging Face's name of each target within a layer. */
const MODULES: Readonly<Record<LoraTarget, string>> = {
  q: "self_attn.q_proj",
  k: "self_attn.k_proj",
  v: "self_attn.v_proj",
  o: "self_attn.o_proj",
  gate: "mlp.gate_proj",
  up: "mlp.up_proj",
  down: "mlp.down_proj",
};

/** The last word of a target's Hugging Face name: what PEFT lists as `target_modules`. */
export function moduleName(target: LoraTarget): string {
  return MODULES[target].slice(MODULES[target].indexOf(".") + 1);
}

/** One target's B, and its columns in a row of the projection and of the stacked h, in floats. */
export interface AdapterPart {
  readonly b: Segment;
  readonly offset: number;
  readonly outputs: number;
  readonly rankOffset: number;
}

/** The adapters of one projection: the A of all targets form one matrix [ranks, inputs]; each has its own B. */
export interface ProjectionAdapters {
  readonly a: Segment;
  readonly inputs: number;
  readonly ranks: number;
  /** Length of the projection's row. */
  readonly width: number;
  readonly parts: readonly AdapterPart[];
}

/** Layout of a model's adapters in a flat space of their own. */
export interface AdapterLayout extends FlatLayout {
  readonly lora: LoraConfig;
  /** Floats of a padded rank row of B. */
  readonly rank: number;
  readonly layers: readonly Readonly<Record<Projection, ProjectionAdapters | null>>[];
}

/**
 * The layout of adapters on the projections of `base`; tensor names are Hugging Face's with `lora_A` or `lora_B` inserted.
 * @throws KelvinError "config" for an invalid rank, alpha or target
 */
export function adapterLayout(base: ParameterLayout, lora: LoraConfig): AdapterLayout {
  const problem = loraProblem(lora);
  if (problem) throw new KelvinError("config", `LoRA: ${problem.wrong}`, problem.hint);
  const build = new LayoutBuilder(base.limits);
  const known = new Map(base.parameters.map((parameter) => [parameter.name, parameter]));
  const layers = base.layers.map((_, layer) => {
    const projection = (name: Projection): ProjectionAdapters | null =>
      placeProjection(build, lora, PROJECTIONS[name], (target) => {
        const found = known.get(`model.layers.${layer}.${MODULES[target]}.weight`);
        if (!found) throw new Error(`layer ${layer} has no ${MODULES[target]}`);
        return found;
      });
    return {
      qkv: projection("qkv"),
      output: projection("output"),
      gateUp: projection("gateUp"),
      down: projection("down"),
    };
  });
  const { parameters, floats, count } = build;
  const vectors = { offset: 0, size: floats };
  const pages = build.pages();
  return { parameters, floats, pages, count, matrices: [], vectors, lora, rank: padTo4(lora.rank), layers };
}

function placeProjection(
  build: LayoutBuilder,
  lora: LoraConfig,
  members: readonly LoraTarget[],
  matrixOf: (target: LoraTarget) => Parameter,
): ProjectionAdapters | null {
  const chosen = members.filter((target) => lora.targets.includes(target));
  if (chosen.length === 0) return null;
  const rank = plain(lora.rank);
  const stem = (target: LoraTarget): string => matrixOf(target).name.replace(/weight$/, "");
  const { columns } = matrixOf(members[0] as LoraTarget);
  const a = build.segment(...chosen.map((target) => ({ name: `${stem(target)}lora_A.weight`, rows: rank, columns })));
  const parts: AdapterPart[] = [];
  let offset = 0;
  for (const target of members) {
    const { rows } = matrixOf(target);
    const outputs = paddedLength(rows);
    if (chosen.includes(target)) {
      const b = build.segment({ name: `${stem(target)}lora_B.weight`, rows, columns: rank });
      parts.push({ b, offset, outputs, rankOffset: parts.length * rank.padded });
    }
    offset += outputs;
  }
  return { a, inputs: paddedLength(columns), ranks: chosen.length * rank.padded, width: offset, parts };
}

/** Initial adapters: A is uniform within ± 1/√inputs, as in PEFT, and B is zero, so that the model equals its base. */
export function freshAdapter({ parameters }: FlatLayout, rng: Rng): Map<string, Tensor> {
  return new Map(
    parameters.map(({ name, shape }) => {
      const [rows = 1, columns = 1] = shape;
      const data = new Float32Array(rows * columns);
      if (name.includes("lora_A")) {
        const stream = rng.child("lora", name);
        for (let i = 0; i < data.length; i++) data[i] = (2 * stream.next() - 1) / Math.sqrt(columns);
      }
      return [name, { shape, data }];
    }),
  );
}
