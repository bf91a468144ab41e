/** The uniforms that TypeScript passes by name are those of the shader's struct and of the CPU function, in their order. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Device, DeviceTraits } from "../../src/device/device";
import type { KernelSpec } from "../../src/device/kernel";
import { adamWOps } from "../../src/ops/adamw";
import { attentionOps } from "../../src/ops/attention";
import { ATTENTION_VARIANTS, attentionBy } from "../../src/ops/attention-variants";
import { decodeOps } from "../../src/ops/decode";
import { embeddingOps } from "../../src/ops/embedding";
import { headOps } from "../../src/ops/head";
import { linearOps } from "../../src/ops/linear";
import { allBy, LINEAR_VARIANTS } from "../../src/ops/linear-variants";
import { loraOps } from "../../src/ops/lora";
import { muonOps } from "../../src/ops/muon";
import { peakOps } from "../../src/ops/peak";
import { reduceOps } from "../../src/ops/reduce";
import { rmsNormOps } from "../../src/ops/rmsnorm";
import { ropeOps } from "../../src/ops/rope";
import { rowsOps } from "../../src/ops/rows";
import { sampleOps } from "../../src/ops/sample";
import { swiGluOps } from "../../src/ops/swiglu";

const HEADS = { queryHeads: 4, keyHeads: 2, headDim: 8 };

/** Every kernel of every op and variant, by name; a device of 8 lanes that only takes notes. */
function allKernels(): Map<string, KernelSpec> {
  const specs = new Map<string, KernelSpec>();
  const traits: DeviceTraits = { subgroupLanes: 8, software: true, features: [], simd: null, shards: 1 };
  const kernel = (spec: KernelSpec) => {
    specs.set(spec.name, spec);
    return { spec };
  };
  const device = { traits, kernel } as unknown as Device;
  const reduce = reduceOps(device);
  for (const variant of LINEAR_VARIANTS) linearOps(device, { ...allBy(variant), few: "few" });
  for (const variant of ATTENTION_VARIANTS) attentionOps(device, HEADS, attentionBy(variant));
  for (const ops of [adamWOps, embeddingOps, headOps, muonOps, peakOps, ropeOps, rowsOps, sampleOps, swiGluOps])
    ops(device);
  decodeOps(device, HEADS);
  loraOps(device, reduce);
  rmsNormOps(device, reduce);
  return specs;
}

/** The fields of the struct that a shader's uniforms have: [name, type]. */
function structOf(code: string): string[][] {
  const [, fields = ""] = /struct Params \{([^}]*)\}/.exec(code) ?? [];
  return [...fields.matchAll(/(\w+): (\w+)/g)].map(([, name = "", type = ""]) => [name, type]);
}

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const kernels = [...allKernels()];
const folder = new URL("../../shaders/", import.meta.url);
const sources = readdirSync(folder)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => readFileSync(new URL(file, folder), "utf8"))
  .join("\n");

describe("uniforms", () => {
  it("are checked for every shader", () => {
    const shaders = readdirSync(folder).filter((file) => file.endsWith(".wgsl"));
    const stems = new Set(kernels.map(([name]) => name.split(".")[0]));
    expect([...new Set(shaders.map((file) => file.split(".")[0]))].sort()).toEqual([...stems].sort());
  });

  it.each(kernels)("of %s are the shader's", (_, { code, uniforms }) => {
    expect(Object.entries(uniforms).map(([name, type]) => [snake(name), type])).toEqual(structOf(code));
  });

  it.each(kernels.filter(([name]) => !/subgroup|tiled|few|backward_kv/.test(name)))(
    "of %s are the first parameters of its function on the CPU",
    (name, { cpu, uniforms }) => {
      const entry = cpu?.entry ?? name.replace(".", "_");
      const [, parameters = ""] = new RegExp(`export function ${entry}\\(([^)]*)\\)`).exec(sources) ?? [];
      const types = parameters.split(", ").map((parameter) => parameter.split(": ")[1]);
      const wanted = Object.values(uniforms).map((type) => (type === "f32" ? "f32" : "32-bit"));
      const found = types.slice(0, wanted.length).map((type) => (type === "i32" || type === "u32" ? "32-bit" : type));
      expect(found).toEqual(wanted);
      expect(types[wanted.length]).toBe("usize");
    },
  );
});
