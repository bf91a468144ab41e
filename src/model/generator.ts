import type { Completion, LiveTokens, SamplingOptions, SamplingRequest } from "../contracts";
import type { Gpu, View } from "../gpu/gpu";
import { microBatches } from "../loss/pack";
import { type Decode, SLOT_FIELDS } from "../ops/decode";
import { makeBatch } from "./batch";
import { type GenerationSpace, PREFILL_ROWS } from "./caches";
import { widths } from "./config";
import type { Transformer } from "./transformer";
import { segmentView, type Weights } from "./weights";
import type { LayerActivations } from "./workspace";

/** A prompt in the cache: its first row, and its length without the last token. */
interface CachedPrompt {
  readonly start: number;
  readonly rows: number;
}

/** One sample being written. */
interface Writing {
  readonly request: number;
  readonly sample: number;
  readonly prompt: CachedPrompt;
  readonly limit: number;
  readonly tokens: number[];
  readonly logprobs: number[];
  finished: boolean;
}

/**
 * Batched sampling: every distinct prompt is read once, all samples write side by side in slots, finished slots take the
 * next sample of the queue, and `chunk` tokens are sampled per submit without the host looking.
 */
export class Generator {
  constructor(
    private readonly gpu: Gpu,
    private readonly transformer: Transformer,
    private readonly decode: Decode,
    private readonly space: GenerationSpace,
  ) {}

  async *generate(
    weights: Weights,
    requests: readonly SamplingRequest[],
    options: SamplingOptions,
  ): AsyncGenerator<LiveTokens[], Completion[][]> {
    const results = requests.map((r) => new Array<Completion>(r.samples));
    let next = 0;
    while (next < requests.length) {
      const { prompts, end } = await this.prefill(weights, requests, next);
      const queue: Writing[] = [];
      for (let r = next; r < end; r++) {
        const request = requests[r] as SamplingRequest;
        const room = this.transformer.config.contextLength - request.tokens.length;
        const limit = Math.min(request.maxNewTokens, this.space.plan.capacity, room);
        for (let sample = 0; sample < request.samples; sample++) {
          queue.push({
            request: r,
            sample,
            prompt: prompts.get(r) as CachedPrompt,
            limit,
            tokens: [],
            logprobs: [],
            finished: false,
          });
        }
      }
      yield* this.writeAll(weights, requests, queue, options, results);
      next = end;
    }
    return results;
  }

  /** Read as many prompts from `first` on as the cache holds; equal prompts share their rows. */
  private async prefill(
    weights: Weights,
    requests: readonly SamplingRequest[],
    first: number,
  ): Promise<{ prompts: Map<number, CachedPrompt>; end: number }> {
    const prompts = new Map<number, CachedPrompt>();
    const known = new Map<string, CachedPrompt>();
    const { contextLength } = this.transformer.config;
    const fresh: { tokens: Int32Array; start: number }[] = [];
    let used = 0;
    let end = first;
    for (; end < requests.length; end++) {
      const { tokens, maxNewTokens } = requests[end] as SamplingRequest;
      if (tokens.length === 0) throw new Error(`request ${end} has an empty prompt`);
      if (!(maxNewTokens >= 1)) throw new Error(`request ${end} asks for ${maxNewTokens} new tokens`);
      const rows = tokens.length - 1;
      if (rows > Math.min(this.space.plan.promptRows, PREFILL_ROWS))
        throw new Error(`a prompt of ${tokens.length} tokens does not fit the cache`);
      if (tokens.length >= contextLength)
        throw new Error(`a prompt of ${tokens.length} tokens leaves no room in the context of ${contextLength}`);
      const key = tokens.join();
      let prompt = known.get(key);
      if (!prompt) {
        if (used + rows > this.space.plan.promptRows) break;
        prompt = { start: used, rows };
        known.set(key, prompt);
        if (rows > 0) fresh.push({ tokens: tokens.subarray(0, rows), start: used });
        used += rows;
      }
      prompts.set(end, prompt);
    }
    await this.readPrompts(weights, fresh);
    return { prompts, end };
  }

  private async readPrompts(weights: Weights, fresh: readonly { tokens: Int32Array; start: number }[]): Promise<void> {
    const { workspace, cacheRows, prompt } = this.space;
    const none = { rows: new Uint32Array(0), terms: new Float32Array(0) };
    for (const part of microBatches(fresh, PREFILL_ROWS)) {
      const batch = makeBatch(
        part.map(({ tokens }) => ({ tokens, ...none })),
        this.transformer.config.vocabulary,
      );
      this.transformer.upload(workspace, batch);
      const targets = new Uint32Array(batch.rows);
      let at = 0;
      for (const { tokens, start } of part) for (let t = 0; t < tokens.length; t++) targets[at++] = start + t;
      this.gpu.write(cacheRows.buffer, targets);
      await this.transformer.forward(workspace, weights, batch.rows, (layer, qkv) => {
        this.decode.append(batch.rows, qkv, cacheRows, prompt[layer] as View);
      });
    }
  }

  private async *writeAll(
    weights: Weights,
    requests: readonly SamplingRequest[],
    queue: Writing[],
    options: SamplingOptions,
    results: Completion[][],
  ): AsyncGenerator<LiveTokens[]> {
    const { plan, slots, active } = this.space;
    const writing = new Array<Writing | null>(plan.slots).fill(null);
    let queued = 0;
    for (;;) {
      for (let s = 0; s < plan.slots && queued < queue.length; s++) {
        if (writing[s]) continue;
        const w = queue[queued++] as Writing;
        writing[s] = w;
        this.gpu.write(slots.buffer, this.slotState(w, requests[w.request] as SamplingRequest), s * SLOT_FIELDS * 4);
      }
      const live = writing.flatMap((w, s) => (w ? [s] : []));
      if (live.length === 0) return;
      this.gpu.write(active.buffer, Uint32Array.from(live));
      const chunk = await this.writeChunk(weights, live, writing, options);
      for (const { request, sample, completion } of chunk) {
        if (completion) (results[request] as Completion[])[sample] = completion;
      }
      yield chunk;
      for (const s of live) {
        const w = writing[s] as Writing;
        if (w.finished) writing[s] = null;
      }
    }
  }

  private slotState(w: Writing, request: SamplingRequest): Uint32Array<ArrayBuffer> {
    const last = request.tokens[request.tokens.length - 1] as number;
    return new Uint32Array([w.prompt.start, w.prompt.rows, 0, w.limit, request.seed, w.sample, last, 0]);
  }

  private complete(w: Writing): Completion {
    const ended = w.tokens[w.tokens.length - 1] === this.transformer.config.endToken;
    return {
      tokens: Int32Array.from(w.tokens),
      logprobs: Float32Array.from(w.logprobs),
      stop: ended ? "eos" : "length",
    };
  }

  /** `chunk` decode steps for the live slots, one readback. */
  private async writeChunk(
    weights: Weights,
    live: readonly number[],
    writing: readonly (Writing | null)[],
    options: SamplingOptions,
  ): Promise<LiveTokens[]> {
    const { plan, picked } = this.space;
    const remaining = Math.max(
      ...live.map((s) => (writing[s] as Writing).limit - (writing[s] as Writing).tokens.length),
    );
    const steps = Math.min(plan.chunk, remaining);
    for (let k = 0; k < steps; k++) this.decodeStep(weights, live.length, k, options.temperature);
    const words = new Uint32Array(await this.gpu.read(picked));
    const floats = new Float32Array(words.buffer);
    return live.map((s, i) => {
      const w = writing[s] as Writing;
      const before = w.tokens.length;
      for (let k = 0; k < steps && !w.finished; k++) {
        const at = (k * live.length + i) * 2;
        w.tokens.push(words[at] as number);
        w.logprobs.push(floats[at + 1] as number);
        w.finished = words[at] === this.transformer.config.endToken || w.tokens.length >= w.limit;
      }
      const { request, sample } = w;
      const fresh = { request, sample, tokens: Int32Array.from(w.tokens.slice(before)) };
      return w.finished ? { ...fresh, completion: this.complete(w) } : fresh;
    });
  }

  /** One token for each of the first `active` slots of the active list. */
  private decodeStep(weights: Weights, active: number, k: number, temperature: number): void {
    const { plan, workspace: ws, slots, own, prompt, cacheRows, picked } = this.space;
    const { config, ops, layout } = this.transformer;
    const { hidden, vocabulary } = widths(config);
    const shape = {
      active,
      capacity: plan.capacity,
      temperature,
      vocabulary: config.vocabulary,
      stride4: vocabulary / 4,
      endToken: config.endToken >>> 0,
      chunkOffset: k * active,
    };
    const activeSlots = this.space.active;
    this.decode.advance(shape, { activeSlots, slots, tokens: ws.tokens, positions: ws.positions, ownRows: cacheRows });
    const table = segmentView(weights.base, layout.embedding);
    ops.embedding.forward(active, hidden, ws.tokens, table, (ws.layers[0] as LayerActivations).input);
    for (let layer = 0; layer < config.layers; layer++) {
      const a = ws.layers[layer] as LayerActivations;
      const cache = own[layer] as (typeof own)[number];
      this.transformer.projectQkv(weights, layer, active, a, ws.positions, ws.rope);
      this.decode.append(active, a.qkv, cacheRows, cache);
      this.decode.attend(active, plan.capacity, {
        qkv: a.qkv,
        activeSlots,
        slots,
        prompt: prompt[layer] as View,
        own: cache,
        out: a.attended,
      });
      this.transformer.finishLayer(weights, layer, active, a, ws.layers[layer + 1]?.input ?? ws.output);
    }
    this.transformer.logits(ws, weights, active);
    this.decode.pick(shape, { activeSlots, slots, logits: ws.logits, picked });
  }
}
