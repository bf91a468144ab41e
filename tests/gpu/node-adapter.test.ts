import { afterAll, describe, expect, it } from "vitest";
import { KelvinError } from "../../src/contracts";
import { type GpuChoice, openNodeGpu } from "../../src/gpu/node-adapter";

const wanted = process.env["KELVIN_ADAPTER"] || "auto";

/** What an adapter of each kind calls itself. */
const names: Readonly<Record<string, RegExp>> = {
  auto: /./,
  hardware: /./,
  lavapipe: /llvmpipe/i,
  swiftshader: /swiftshader/i,
};

afterAll(() => {
  process.env["KELVIN_ADAPTER"] = wanted;
});

describe(`openNodeGpu (${wanted})`, () => {
  it("opens the adapter the environment names", async () => {
    const { name, software } = await openNodeGpu();
    expect(name).toMatch(names[wanted] ?? /^$/);
    if (wanted === "lavapipe" || wanted === "swiftshader") expect(software).toBe(true);
    if (wanted === "hardware") expect(software).toBe(false);
  });

  it("opens an adapter that computes", async () => {
    const { adapter } = await openNodeGpu();
    const device = await adapter.requestDevice();
    expect(await squares(device, 100)).toEqual(Array.from({ length: 100 }, (_, index) => index * index));
    device.destroy();
  });

  it("refuses an adapter name it does not know", async () => {
    process.env["KELVIN_ADAPTER"] = "voodoo";
    const failure = await openNodeGpu().catch((error: unknown) => error);
    process.env["KELVIN_ADAPTER"] = wanted;
    expect(failure).toBeInstanceOf(KelvinError);
    expect(failure).toMatchObject({ reason: "input", message: expect.stringContaining("voodoo") });
  });

  it("does not call a software adapter hardware", async () => {
    const answer = await openNodeGpu("hardware" satisfies GpuChoice).catch((error: unknown) => error);
    if (answer instanceof KelvinError)
      expect(answer).toMatchObject({ reason: "no-webgpu", hint: expect.stringMatching(/driver/) });
    else expect(answer).toMatchObject({ software: false });
  });
});

/** [0, 1, 4, 9, …], computed on the device. */
async function squares(device: GPUDevice, count: number): Promise<number[]> {
  const code = `@group(0) @binding(0) var<storage, read_write> y: array<u32>;
    @compute @workgroup_size(32) fn main(@builtin(global_invocation_id) id: vec3u) {
      if (id.x < arrayLength(&y)) { y[id.x] = id.x * id.x; }
    }`;
  const compute = { module: device.createShaderModule({ code }), entryPoint: "main" };
  const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute });
  const size = count * 4;
  const y = device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
  const copy = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const layout = pipeline.getBindGroupLayout(0);
  const bindings = device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer: y } }] });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindings);
  pass.dispatchWorkgroups(Math.ceil(count / 32));
  pass.end();
  encoder.copyBufferToBuffer(y, 0, copy, 0, size);
  device.queue.submit([encoder.finish()]);
  await copy.mapAsync(GPUMapMode.READ);
  return [...new Uint32Array(copy.getMappedRange())];
}
