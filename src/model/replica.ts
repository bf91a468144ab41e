/** A model in a thread that helps: weights that its owner sends, work space, and nothing of an optimizer. */
import type { Device } from "../device/device";
import { PagedBuffer } from "../device/pages";
import { adapterLayout } from "./adapter-layout";
import { Compute } from "./compute";
import { type GradientSpace, gradientOf, gradientSpace } from "./gradient";
import { layoutOf } from "./plan";
import type { ChosenWeights, ReplicaPlan, ReplicaTask, ReplicaTasks, WeightsSet } from "./replica-tasks";
import type { Weights } from "./weights";

/** An answer, and the buffers in it that move to the owner. */
interface Answered {
  readonly answer: unknown;
  readonly transfer?: readonly ArrayBuffer[];
}

type Asks<T extends ReplicaTask> = ReplicaTasks[T]["asks"];

/** The replicas of one thread, by the number of their model. */
export class Replicas {
  private readonly replicas = new Map<number, Replica>();

  constructor(private readonly device: Device) {}

  /**
   * Does a task.
   * @param tell sends a part of the answer
   * @throws KelvinError "out-of-memory" if this thread has no room
   */
  readonly perform = async (name: string, asks: unknown, tell: (part: unknown) => void): Promise<Answered> => {
    const { model, of } = asks as { readonly model: number; readonly of: unknown };
    if (name === "build") return { answer: await this.build(model, of as ReplicaPlan) };
    const replica = this.replicas.get(model);
    if (name === "destroy") {
      replica?.destroy();
      this.replicas.delete(model);
      return { answer: null };
    }
    if (!replica) throw new Error(`${name}: no replica of model ${model} here`);
    return replica.perform(name as ReplicaTask, of, tell);
  };

  private async build(model: number, plan: ReplicaPlan): Promise<number> {
    const before = this.device.counters.bytes;
    const made = await this.device.allocate(async () => new Replica(this.device, plan));
    this.replicas.set(model, made);
    return this.device.counters.bytes - before;
  }
}

class Replica {
  private readonly layout;
  private readonly adapterLayout;
  private readonly compute: Compute;
  /** null in a model for inference. */
  private readonly space: GradientSpace | null;
  private readonly sets = new Map<number, PagedBuffer>();

  constructor(
    private readonly device: Device,
    { config, plan, lora, sets }: ReplicaPlan,
  ) {
    this.layout = layoutOf(config, plan, device.mostBytes, lora?.base);
    this.adapterLayout = lora && adapterLayout(this.layout, lora);
    for (const one of sets) this.add(one);
    const { layout, adapterLayout: adapters } = this;
    this.compute = new Compute(device, { config, layout, adapterLayout: adapters, plan }, () => {
      throw new Error("stop strings are looked for by the owner");
    });
    const { pages } = adapters ?? layout;
    this.space =
      plan.activations === "inference"
        ? null
        : gradientSpace(new PagedBuffer(device, "gradients", pages), adapters !== null);
  }

  async perform(name: ReplicaTask, asks: unknown, tell: (part: unknown) => void): Promise<Answered> {
    switch (name) {
      case "add":
        await this.device.allocate(async () => this.add(asks as WeightsSet));
        return { answer: null };
      case "write":
        return this.write(asks as Asks<"write">);
      case "gradient":
        return this.gradient(asks as Asks<"gradient">);
      case "generate":
        return this.generate(asks as Asks<"generate">, tell);
      case "score": {
        const { weights, sequences } = asks as Asks<"score">;
        return { answer: await this.compute.passes.score(this.weights(weights), sequences) };
      }
      case "features": {
        const { weights, sequences, layer } = asks as Asks<"features">;
        return { answer: await this.compute.passes.features(this.weights(weights), sequences, layer) };
      }
      case "build":
      case "destroy":
        throw new Error(`${name} is not a replica's own task`);
      default:
        return name satisfies never;
    }
  }

  destroy(): void {
    const paged = [...this.sets.values(), ...(this.space ? [this.space.grads] : [])];
    for (const buffer of [...paged.flatMap(({ buffers }) => buffers), ...this.compute.buffers])
      this.device.destroyBuffer(buffer);
  }

  private add({ set, of }: WeightsSet): void {
    const { pages } = of === "adapter" && this.adapterLayout ? this.adapterLayout : this.layout;
    this.sets.set(set, new PagedBuffer(this.device, `weights ${set}`, pages));
  }

  private write({ set, page, bytes }: Asks<"write">): Answered {
    const view = this.set(set).views[page];
    if (!view) throw new Error(`write: set ${set} has no page ${page}`);
    this.device.write(view.buffer, new Uint8Array(bytes), view.offset);
    return { answer: null };
  }

  private async gradient({ weights, sequences, loss }: Asks<"gradient">): Promise<Answered> {
    if (!this.space) throw new Error("this replica was planned for inference");
    const chosen = this.weights(weights);
    const answer = await gradientOf(this.device, this.compute, this.space, chosen, sequences, loss);
    return { answer, transfer: answer.pages };
  }

  private async generate(
    { weights, pieces, options }: Asks<"generate">,
    tell: (part: unknown) => void,
  ): Promise<Answered> {
    for await (const chunk of this.compute.generator.generate(this.weights(weights), pieces, options)) tell(chunk);
    return { answer: null };
  }

  private weights({ base, adapter }: ChosenWeights): Weights {
    return { base: this.set(base), adapter: adapter === null ? null : this.set(adapter) };
  }

  private set(number: number): PagedBuffer {
    const found = this.sets.get(number);
    if (!found) throw new Error(`this replica has no weights ${number}`);
    return found;
  }
}
