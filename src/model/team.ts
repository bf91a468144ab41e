/** A model's computation on all workers: this one, and those that help with replicas of the model. */
import type { Completion, LiveTokens, LoraConfig, Loss, SamplingOptions, SamplingRequest } from "../contracts";
import type { Device } from "../device/device";
import type { Given, Helpers } from "../device/helpers";
import type { PagedBuffer } from "../device/pages";
import type { PackedSequence } from "../loss/pack";
import type { Compute } from "./compute";
import { type GradientSpace, GradientSum, gradientOf } from "./gradient";
import type { ScoredSequence } from "./passes";
import type { ChosenWeights, ReplicaPlan, ReplicaTask, ReplicaTasks } from "./replica-tasks";
import { cut, dealt, type Piece } from "./shares";
import type { Weights } from "./weights";

/** Weights that the replicas hold too. */
interface SharedSet {
  readonly set: number;
  readonly of: "base" | "adapter";
  /** Counts changes; and the change that the replicas have. */
  version: number;
  sent: number;
}

interface Asked<T extends ReplicaTask> extends Given {
  readonly answer: Promise<ReplicaTasks[T]["answer"]>;
}

/** Longest time between two signs to the helpers while this thread waits for them. */
const MOMENT_MS = 10;

let models = 0;

export class Team {
  /** Tells the replicas of one model from those of others. */
  private readonly model = models++;
  /** Ends the current rest. */
  private wake: () => void = () => {};
  private readonly sets = new Map<PagedBuffer, SharedSet>();
  private readonly helpers: Helpers | null;
  /** Workers that compute, this one included. */
  readonly workers: number;

  /** @param workers how many to use */
  constructor(
    private readonly device: Device,
    private readonly compute: Compute,
    workers: number,
  ) {
    this.helpers = workers > 1 ? device.helpers : null;
    this.workers = 1 + Math.min(workers - 1, this.helpers?.count ?? 0);
  }

  /** Numbers a buffer that the replicas are to hold too. */
  share(weights: PagedBuffer, of: "base" | "adapter"): void {
    this.sets.set(weights, { set: this.sets.size, of, version: 1, sent: 0 });
  }

  /** Makes the replicas, with the weights shared so far. @throws KelvinError "out-of-memory" if a thread has no room */
  async build(plan: Pick<ReplicaPlan, "config" | "plan"> & { readonly lora: LoraConfig | null }): Promise<void> {
    const sets = [...this.sets.values()].map(({ set, of }) => ({ set, of }));
    await this.all(this.everyone((helper) => this.ask(helper, "build", { ...plan, sets })));
  }

  /** Makes room for more weights in the replicas. @throws KelvinError "out-of-memory" if a thread has no room */
  async add(weights: PagedBuffer): Promise<void> {
    this.share(weights, "base");
    const { set } = this.sets.get(weights) as SharedSet;
    await this.all(this.everyone((helper) => this.ask(helper, "add", { set, of: "base" })));
  }

  /** The numbers of these weights have changed; the replicas get them with their next task. */
  changed(weights: PagedBuffer): void {
    const shared = this.sets.get(weights);
    if (shared) shared.version++;
  }

  destroy(): void {
    for (const { answer } of this.everyone((helper) => this.ask(helper, "destroy", null))) answer.catch(() => {});
  }

  /**
   * Sets `space` to the gradient of a loss over all sequences, the sum over the device's shards in order; returns the
   * statistics of every predicted token.
   */
  async gradient(
    space: GradientSpace,
    weights: Weights,
    sequences: readonly PackedSequence[],
    loss: Loss,
  ): Promise<Float32Array> {
    const shards = cut(sequences, ({ tokens }) => tokens.length, this.device.traits.shards);
    const filled = shards.filter(({ length }) => length > 0);
    if (filled.length > 1) return this.sumOfShards(space, weights, filled, loss);
    space.grads.clear(this.device);
    return this.compute.passes.accumulate(weights, space.targets, sequences, loss);
  }

  /** Thread `1 + shard` has the shard, this one with the last and those left over, so that the others begin first. */
  private async sumOfShards(
    space: GradientSpace,
    weights: Weights,
    shards: readonly (readonly PackedSequence[])[],
    loss: Loss,
  ): Promise<Float32Array> {
    const helped = await this.helpedWith(weights);
    const workers = helped ? this.workers : 1;
    const asked = shards.map((sequences, shard) => {
      const helper = (shard + 1) % workers;
      return helped && helper > 0 ? this.ask(helper - 1, "gradient", { weights: helped, sequences, loss }) : null;
    });
    const sum = new GradientSum();
    try {
      for (const [shard, given] of asked.entries()) {
        if (given) continue;
        const sequences = shards[shard] as readonly PackedSequence[];
        sum.take(shard, await gradientOf(this.device, this.compute, space, weights, sequences, loss));
      }
      for (const [shard, given] of asked.entries()) if (given) sum.take(shard, await this.wait(given.answer));
    } finally {
      for (const given of asked) given?.cancel();
    }
    space.grads.views.forEach(({ buffer, offset }, page) => {
      this.device.write(buffer, new Uint8Array(sum.pages[page] as ArrayBuffer), offset);
    });
    return sum.stats();
  }

  /** Samples all requests; the same tokens for any number of workers. */
  async *generate(
    weights: Weights,
    requests: readonly SamplingRequest[],
    options: SamplingOptions,
  ): AsyncGenerator<LiveTokens[], Completion[][]> {
    const { generator } = this.compute;
    generator.check(requests, options);
    // Only this thread has a tokenizer, which stop strings need.
    const helped = options.stopStrings?.length ? null : await this.helpedWith(weights);
    if (!helped) return yield* generator.generate(weights, requests, options);
    const [own = [], ...others] = dealt(requests, this.workers);
    const results = requests.map(({ samples }) => new Array<Completion>(samples));
    const inbox: LiveTokens[] = [];
    const given = others.flatMap((pieces, helper) => {
      const take = (chunk: LiveTokens[]) => {
        for (const live of inRequests(chunk, pieces)) inbox.push(live);
        this.wake();
      };
      return pieces.length > 0 ? [this.ask(helper, "generate", { weights: helped, pieces, options }, take)] : [];
    });
    try {
      for await (const chunk of generator.generate(weights, own, options))
        yield placed([...inRequests(chunk, own), ...inbox.splice(0)], results);
      const all = this.settled(given);
      while (!all.isOver) {
        await this.rest();
        if (inbox.length > 0) yield placed(inbox.splice(0), results);
      }
      // More may have come while the reader of the last chunk took its time.
      if (inbox.length > 0) yield placed(inbox.splice(0), results);
      for (const { answer } of given) await answer;
      return results;
    } finally {
      for (const one of given) one.cancel();
    }
  }

  score(weights: Weights, sequences: readonly ScoredSequence[]): Promise<Float32Array[]> {
    return this.split(weights, sequences, "score", {}, (part) => this.compute.passes.score(weights, part));
  }

  features(weights: Weights, sequences: readonly ScoredSequence[], layer: number): Promise<Float32Array[]> {
    const own = (part: readonly ScoredSequence[]) => this.compute.passes.features(weights, part, layer);
    return this.split(weights, sequences, "features", { layer }, own);
  }

  /** One vector per sequence, from the thread that has it. */
  private async split<T extends "score" | "features">(
    weights: Weights,
    sequences: readonly ScoredSequence[],
    task: T,
    more: Omit<ReplicaTasks[T]["asks"], "weights" | "sequences">,
    own: (part: readonly ScoredSequence[]) => Promise<Float32Array[]>,
  ): Promise<Float32Array[]> {
    const helped = await this.helpedWith(weights);
    if (!helped) return own(sequences);
    const lengthOf = ({ prompt, completion }: ScoredSequence) => prompt.length + completion.length;
    const [first = [], ...others] = cut(sequences, lengthOf, this.workers);
    const given = others.map((part, helper) =>
      this.ask(helper, task, { weights: helped, sequences: part, ...more } as ReplicaTasks[T]["asks"]),
    );
    try {
      const found: (readonly Float32Array[])[] = [await own(first)];
      for (const { answer } of given) found.push(await this.wait(answer));
      return found.flat();
    } finally {
      for (const one of given) one.cancel();
    }
  }

  /** The numbers of these weights at the replicas, which get what has changed; null if they do not hold them. */
  private async helpedWith({ base, adapter }: Weights): Promise<ChosenWeights | null> {
    const shared = this.sets.get(base);
    const adapted = adapter && this.sets.get(adapter);
    if (this.workers === 1 || !shared || (adapter && !adapted)) return null;
    await this.send(base, shared);
    if (adapter && adapted) await this.send(adapter, adapted);
    return { base: shared.set, adapter: adapted?.set ?? null };
  }

  private async send(weights: PagedBuffer, shared: SharedSet): Promise<void> {
    if (shared.sent === shared.version) return;
    for (const [page, view] of weights.views.entries()) {
      const bytes = await this.device.read(view);
      const asks = { set: shared.set, page, bytes };
      await this.all(
        this.everyone((helper) => {
          const copy = helper === this.workers - 2 ? bytes : bytes.slice(0);
          return this.ask(helper, "write", { ...asks, bytes: copy }, undefined, [copy]);
        }),
      );
    }
    shared.sent = shared.version;
  }

  private everyone<T>(each: (helper: number) => T): T[] {
    return Array.from({ length: this.workers - 1 }, (_, helper) => each(helper));
  }

  private ask<T extends ReplicaTask>(
    helper: number,
    name: T,
    of: ReplicaTasks[T]["asks"],
    onPart?: (part: never) => void,
    transfer?: readonly ArrayBuffer[],
  ): Asked<T> {
    const task = { name, asks: { model: this.model, of }, ...(transfer && { transfer }) };
    return (this.helpers as Helpers).give(helper, task, onPart) as Asked<T>;
  }

  /** Waits until all tasks have ended. @throws the first error */
  private async all(given: readonly Given[]): Promise<void> {
    const all = this.settled(given);
    while (!all.isOver) await this.rest();
    for (const { answer } of given) await answer;
  }

  /** Waits for another thread; a pause of the run stops it meanwhile. */
  private async wait<T>(answer: Promise<T>): Promise<T> {
    await this.all([{ answer, cancel: () => {} }]);
    return answer;
  }

  /** Whether all tasks have ended, well or not; each end ends a rest. */
  private settled(given: readonly Given[]): { readonly isOver: boolean } {
    let open = given.length;
    const end = () => {
      open--;
      this.wake();
    };
    for (const { answer } of given) answer.then(end, end);
    return {
      get isOver() {
        return open === 0;
      },
    };
  }

  /** Until something happens, but no longer than a moment; tells the helpers to go on. */
  private async rest(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, MOMENT_MS);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    await this.device.breathe();
  }
}

/** A chunk of some pieces, named by their requests. */
function inRequests(chunk: readonly LiveTokens[], pieces: readonly Piece[]): LiveTokens[] {
  return chunk.map((live) => ({ ...live, request: (pieces[live.request] as Piece).request }));
}

/** Stores the completions of a chunk. */
function placed(chunk: LiveTokens[], results: Completion[][]): LiveTokens[] {
  for (const { request, sample, completion } of chunk)
    if (completion) (results[request] as Completion[])[sample] = completion;
  return chunk;
}
