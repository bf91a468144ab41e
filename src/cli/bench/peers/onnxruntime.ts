import { env, InferenceSession, Tensor } from "onnxruntime-web/webgpu";
import { Graph } from "../../../export/onnx";
import type { Contender } from "../contender";
import { numbers } from "../workload";

/** ONNX Runtime Web 1.30 with its WebGPU execution provider: inputs on the device, outputs left there. */
export const onnxRuntime: Contender = {
  name: "onnxruntime-web",

  async open() {
    env.wasm.numThreads = 1;
    const session = await InferenceSession.create(product(4), OPTIONS);
    await session.release();
    return ((await env.webgpu.device) as GPUDevice).adapterInfo.description;
  },

  async matmul(size) {
    const session = await InferenceSession.create(product(size), OPTIONS);
    const device = (await env.webgpu.device) as GPUDevice;
    const feeds = { a: upload(device, size, 1), b: upload(device, size, 2) };
    let c: Tensor | null = null;
    return {
      async run(times) {
        for (let i = 0; i < times; i++) {
          c?.dispose();
          c = (await session.run(feeds))["c"] as Tensor;
        }
        await device.queue.onSubmittedWorkDone();
      },
      async result() {
        const data = await c?.getData();
        return data instanceof Float32Array ? data.subarray(0, size) : [];
      },
    };
  },

  training: async () => "it runs finished models only: its training build ended with version 1.19",
};

const OPTIONS = {
  executionProviders: ["webgpu"],
  preferredOutputLocation: "gpu-buffer",
  logSeverityLevel: 3,
} as const;

/** c = a·b as a model. */
function product(size: number): Uint8Array {
  const graph = new Graph("product");
  const shape = [size, size];
  const sum = graph.op("MatMul", [graph.input("a", "float32", shape), graph.input("b", "float32", shape)]);
  graph.output("c", sum, shape);
  const parts = graph.encode();
  const file = new Uint8Array(parts.reduce((length, part) => length + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.byteLength;
  }
  return file;
}

function upload(device: GPUDevice, size: number, seed: number): Tensor {
  const gpuBuffer = device.createBuffer({
    size: size * size * 4,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
  });
  device.queue.writeBuffer(gpuBuffer, 0, numbers(size * size, seed, 1));
  return Tensor.fromGpuBuffer(gpuBuffer, { dataType: "float32", dims: [size, size] });
}
