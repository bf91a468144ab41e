import { env, InferenceSession, Tensor } from "onnxruntime-web/webgpu";
import { Graph } from "../../../export/onnx";
import { parseConfig } from "../../../model/config";
import type { Contender } from "../contender";
import { configOf, numbers, promptsOf, valuesOf, weightsOf } from "../workload";
import { writing } from "./decoding";
import { Decoder, joined } from "./onnx-decoder";

/** ONNX Runtime Web 1.30 with its WebGPU execution provider; inputs and outputs stay on the device. */
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

  async generation(architecture, sequences) {
    const config = parseConfig(configOf(architecture));
    const weights = weightsOf(architecture).map(
      (one, i) => [one.name, { shape: one.shape, data: valuesOf(one, i) }] as const,
    );
    const decoder = await Decoder.open(config, new Map(weights));
    return writing(decoder, promptsOf(architecture, sequences));
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
  return joined(graph.encode());
}

function upload(device: GPUDevice, size: number, seed: number): Tensor {
  const gpuBuffer = device.createBuffer({
    size: size * size * 4,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
  });
  device.queue.writeBuffer(gpuBuffer, 0, numbers(size * size, seed, 1));
  return Tensor.fromGpuBuffer(gpuBuffer, { dataType: "float32", dims: [size, size] });
}
