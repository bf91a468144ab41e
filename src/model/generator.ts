import { type Completion, type LiveTokens, largest, type SamplingOptions, type SamplingRequest } from "../contracts";
import { type Device, type View, view } from "../device/device";
import { microBatches } from "../loss/pack";
import { type Decode, SLOT_FIELDS } from "../ops/decode";
import { PICKED_WORDS, type Sample } from "../ops/sample";
import { makeBatch } from "./batch";
import type { GenerationSpace } from "./caches";
import { widths } from "./config";
import { checkOptions, checkRequests } from "./requests";
import type { Piece } from "./shares";
import type { Transformer } from "./transformer";
import { chunkColumns } from "./vocabulary-head";
import type { Weights } from "./weights";
import type { LayerActivations } from "./workspace";
import { type CachedPrompt, type Drawn, StopRule, Writing } from "./writing";

/** A request, or some samples of one. */
type Wanted = SamplingRequest & Partial<Pick<Piece, "first">>;

/** Sampling options and state of one call. */
interface Drawing {
  readonly options: SamplingOptions;
  readonly rule: StopRule;
}

/**
 * Batched sampling. Every distinct prompt is read once; samples are generated side by side in slots; a finished slot takes the
 * next sample of the queue. One submit samples `chunk` tokens without a readback.
 */
export class Generator {
  constructor(
    private readonly device: Device,
    private readonly transformer: Transformer,
    private readonly decode: Decode,
    private readonly sample: Sample,
    private readonly space: GenerationSpace,
    /** Needed only for stop strings. */
    private readonly decodeText: (tokens: readonly number[]) => string,
  ) {}

  /** @throws Error that names the request or the option that cannot be served */
  check(requests: readonly SamplingRequest[], options: SamplingOptions): void {
    const { config } = this.transformer;
    checkRequests(requests, this.space.plan, config);
    checkOptions(options, config);
  }

  async *generate(
    weights: Weights,
    requests: readonly Wanted[],
    options: SamplingOptions,
  ): AsyncGenerator<LiveTokens[], Completion[][]> {
    const { config } = this.transformer;
    this.check(requests, options);
    const rule = new StopRule(config.endTokens, options, this.decodeText);
    this.device.write(this.space.stops.buffer, rule.list);
    const drawing = { options, rule };
    const results = requests.map((r) => new Array<Completion>(r.samples));
    let next = 0;
    while (next < requests.length) {
      const { prompts, end } = await this.prefill(weights, requests, next);
      const queue: Writing[] = [];
      for (let r = next; r < end; r++) {
        const { tokens, samples, maxNewTokens, first = 0 } = requests[r] as Wanted;
        const limit = Math.min(maxNewTokens, config.contextLength - tokens.length);
        for (let sample = first; sample < first + samples; sample++) {
          queue.push(new Writing(r, sample, prompts.get(r) as CachedPrompt, limit));
        }
      }
      yield* this.writeAll(weights, requests, queue, drawing, results);
      next = end;
    }
    return results;
  }

  /** Reads as many prompts from `first` on as fit into the cache; equal prompts share their rows. */
  private async prefill(
    weights: Weights,
    requests: readonly SamplingRequest[],
    first: number,
  ): Promise<{ prompts: Map<number, CachedPrompt>; end: number }> {
    const prompts = new Map<number, CachedPrompt>();
    const known = new Map<string, CachedPrompt>();
    const fresh: { tokens: Int32Array; start: number }[] = [];
    let used = 0;
    let end = first;
    for (; end < requests.length; end++) {
      const { tokens } = requests[end] as SamplingRequest;
      const rows = tokens.length - 1;
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
    for (const part of microBatches(fresh, this.space.plan.prefillRows)) {
      const batch = makeBatch(
        part.map(({ tokens }) => ({ tokens, ...none })),
        this.transformer.config.vocabulary,
      );
      this.transformer.upload(workspace, batch);
      const targets = new Uint32Array(batch.rows);
      let at = 0;
      for (const { tokens, start } of part) for (let t = 0; t < tokens.length; t++) targets[at++] = start + t;
      this.device.write(cacheRows.buffer, targets);
      await this.transformer.forward(workspace, weights, batch.rows, {
        onLayer: (layer, qkv) => {
          this.decode.append(batch.rows, qkv, cacheRows, prompt[layer] as View);
        },
      });
    }
  }

  private async *writeAll(
    weights: Weights,
    requests: readonly Wanted[],
    queue: readonly Writing[],
    drawing: Drawing,
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
        this.device.write(slots.buffer, this.slotState(w, requests[w.request] as SamplingRequest), s * SLOT_FIELDS * 4);
      }
      const live = writing.flatMap((w, s) => (w ? [s] : []));
      if (live.length === 0) return;
      this.device.write(active.buffer, Uint32Array.from(live));
      const chunk = await this.writeChunk(weights, live, writing, drawing);
      for (const { request, sample, completion } of chunk) {
        const { first = 0 } = requests[request] as Wanted;
        if (completion) (results[request] as Completion[])[sample - first] = completion;
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

  /** Runs `chunk` decode steps for the active slots, with one readback. */
  private async writeChunk(
    weights: Weights,
    live: readonly number[],
    writing: readonly (Writing | null)[],
    drawing: Drawing,
  ): Promise<LiveTokens[]> {
    const { plan, picked } = this.space;
    const remaining = largest(live.map((s) => (writing[s] as Writing).remaining));
    const steps = Math.min(plan.chunk, remaining);
    for (let k = 0; k < steps; k++) {
      this.decodeStep(weights, live.length, k, drawing);
      await this.device.breathe();
    }
    const words = new Uint32Array(await this.device.read(picked));
    return live.map((s, i) => {
      const w = writing[s] as Writing;
      const draws = Array.from({ length: steps }, (_, k) => drawnAt(words, k * live.length + i));
      const { request, sample } = w;
      const fresh = { request, sample, tokens: w.take(draws, drawing.rule) };
      return w.finished ? { ...fresh, completion: w.complete() } : fresh;
    });
  }

  /** One decode step for the first `active` slots of the active list. */
  private decodeStep(weights: Weights, active: number, k: number, drawing: Drawing): void {
    const { plan, workspace: ws, slots, own, prompt, cacheRows } = this.space;
    const { config } = this.transformer;
    const activeSlots = this.space.active;
    const inputs = { tokens: ws.tokens, positions: ws.positions, ownRows: cacheRows };
    this.decode.advance(active, plan.capacity, { activeSlots, slots, ...inputs });
    this.transformer.embed(ws, weights, active);
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
    this.draw(weights, active, k, drawing);
  }

  /** Draws tokens of the active slots from the residual stream, as many rows of logits at a time as fit. */
  private draw(weights: Weights, active: number, k: number, { options, rule }: Drawing): void {
    const { workspace, slots, stops, picked, everyRow } = this.space;
    const { config, layout, head } = this.transformer;
    const stride4 = widths(config).vocabulary / 4;
    const chunk4 = chunkColumns(layout) / 4;
    const vocabulary = { vocabulary: config.vocabulary, stride4, chunk4, stopCount: rule.list.length };
    for (let first = 0; first < active; first += workspace.headRows) {
      const rows = Math.min(workspace.headRows, active - first);
      const headIndex = view(everyRow.buffer, first * 4);
      const activeSlots = view(this.space.active.buffer, first * 4);
      head.normalize({ ...workspace, headIndex }, weights, rows);
      head.allLogits(workspace, weights, rows);
      const shape = { ...vocabulary, rows, first: k * active + first };
      this.sample.draw(shape, options, { activeSlots, slots, logits: workspace.logits, stops, picked });
    }
  }
}

/** One entry of the packed readback. */
function drawnAt(words: Uint32Array<ArrayBuffer>, entry: number): Drawn {
  const at = entry * PICKED_WORDS;
  const floats = new Float32Array(words.buffer, (at + 1) * 4, 2);
  return { token: words[at] as number, logprob: floats[0] as number, entropy: floats[1] as number };
}
