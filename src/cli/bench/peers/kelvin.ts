import type { DeviceAdapter } from "../../../device/adapter";
import { type View, view } from "../../../device/device";
import { type Engine, type LoadedModel, openEngine, type Plan } from "../../../model/engine";
import { linearOps } from "../../../ops/linear";
import { tuneLinear } from "../../../ops/tune-linear";
import { finish } from "../../../rollout/phase";
import type { Contender, ProductShape, Work } from "../contender";
import {
  type Architecture,
  BATCH,
  configOf,
  LENGTH,
  NEW_TOKENS,
  numbers,
  PROMPT,
  promptsOf,
  tokensOf,
  valuesOf,
  weightsOf,
} from "../workload";

/** This engine with freshly measured kernels. A step is a real training step including AdamW. */
export function kelvin(name: string, openAdapter: () => Promise<DeviceAdapter>): Contender {
  let opened: Engine | null = null;
  const engine = (): Engine => {
    if (!opened) throw new Error("open() first");
    return opened;
  };
  return {
    name,

    async open() {
      opened = await openEngine(await openAdapter(), { tuning: { read: async () => null, write: async () => {} } });
      return opened.info.description;
    },

    async matmul(size) {
      return product(engine(), { rows: size, inputs: size, outputs: size });
    },

    product: (shape) => product(engine(), shape),

    async training(architecture) {
      const trainingRows = Math.ceil((BATCH * (LENGTH + 1)) / 8) * 8;
      const model = await createModel(engine(), architecture, { slots: 1, promptRows: 16, capacity: 16, trainingRows });
      const sequences = tokensOf(architecture).map((tokens) => ({
        prompt: tokens.subarray(0, 1),
        completion: tokens.subarray(1),
        advantage: 0,
        oldLogprobs: new Float32Array(LENGTH),
      }));
      let first = Number.NaN;
      return {
        async run(times) {
          for (let i = 0; i < times; i++) {
            const { loss } = await model.update(sequences, { kind: "likelihood" }, 1e-3);
            // Our weights change with every step, the other libraries' do not: compare the first loss.
            if (Number.isNaN(first)) first = loss;
          }
        },
        result: async () => [first],
      };
    },

    async generation(architecture, sequences) {
      const plan = { slots: sequences, promptRows: sequences * PROMPT, capacity: NEW_TOKENS, trainingRows: 8 };
      const model = await createModel(engine(), architecture, plan);
      const requests = promptsOf(architecture, sequences).map((tokens, seed) => ({
        tokens,
        seed,
        samples: 1,
        maxNewTokens: NEW_TOKENS,
      }));
      let first: Int32Array = new Int32Array(0);
      return {
        async run(times) {
          for (let i = 0; i < times; i++) {
            const completions = await finish(model.generate(requests, { temperature: 0 }));
            first = completions[0]?.[0]?.tokens ?? first;
          }
        },
        result: async () => first,
      };
    },
  };
}

function createModel(engine: Engine, architecture: Architecture, plan: Partial<Plan>): Promise<LoadedModel> {
  const weights = new Map(weightsOf(architecture).map((weight, i) => [weight.name, valuesOf(weight, i)]));
  return engine.createModel(configOf(architecture), weights, null, plan);
}

/** The gradient of a linear layer's input. */
async function product({ device }: Engine, shape: ProductShape): Promise<Work> {
  const { rows, inputs, outputs } = shape;
  const tuned = device.traits.simd ? undefined : await tuneLinear(device, { inputs, outputs });
  const linear = linearOps(device, tuned);
  await device.ready();
  const plan = (name: string, data: Float32Array<ArrayBuffer>): View => {
    const buffer = device.storage(name, data.length);
    device.write(buffer, data);
    return view(buffer);
  };
  const dy = plan("dy", numbers(rows * outputs, 1, 1));
  const weights = plan("w", numbers(outputs * inputs, 2, 1));
  const dx = plan("dx", new Float32Array(rows * inputs));
  return {
    async run(times) {
      for (let i = 0; i < times; i++) linear.backwardX(shape, dy, weights, dx);
      await device.read({ ...dx, size: 16 });
    },
    result: () => device.readFloats({ ...dx, size: inputs * 4 }),
  };
}
