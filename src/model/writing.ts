import type { Completion, SamplingOptions, StopReason } from "../contracts";

/** A cached prompt: its first row, and its length without the last token. */
export interface CachedPrompt {
  readonly start: number;
  readonly rows: number;
}

/** One drawn token as recorded by the device. */
export interface Drawn {
  readonly token: number;
  readonly logprob: number;
  readonly entropy: number;
}

/** Decides where a sample ends before its limit. The device checks tokens; the host looks for strings after each chunk. */
export class StopRule {
  /** Tokens that end a slot on the device; −1, which is never drawn, if there are none. */
  readonly list: Uint32Array<ArrayBuffer>;
  private readonly tokens: ReadonlySet<number>;
  private readonly strings: readonly string[];

  constructor(
    private readonly endTokens: readonly number[],
    options: SamplingOptions,
    private readonly decode: (tokens: readonly number[]) => string,
  ) {
    this.tokens = new Set(options.stopTokens);
    this.strings = options.stopStrings ?? [];
    this.list = Uint32Array.from(new Set([...(endTokens.length > 0 ? endTokens : [-1]), ...this.tokens]));
  }

  byToken(token: number): StopReason | null {
    if (this.endTokens.includes(token)) return "eos";
    return this.tokens.has(token) ? "stop" : null;
  }

  /**
   * Length of the shortest prefix of `tokens`, longer than `checked`, whose text contains a stop string; null if missing.
   * Decodes whole prefixes: a stop string may span tokens, and a token's text depends on those before it.
   */
  byString(tokens: readonly number[], checked: number): number | null {
    if (!this.holdsString(tokens)) return null;
    let length = checked + 1;
    while (length < tokens.length && !this.holdsString(tokens.slice(0, length))) length++;
    return length;
  }

  private holdsString(tokens: readonly number[]): boolean {
    if (this.strings.length === 0) return false;
    const text = this.decode(tokens);
    return this.strings.some((string) => text.includes(string));
  }
}

/** State of one sample during generation, on the host. */
export class Writing {
  private drawn: Drawn[] = [];
  private stop: StopReason | null = null;

  constructor(
    readonly request: number,
    readonly sample: number,
    readonly prompt: CachedPrompt,
    readonly limit: number,
  ) {}

  get finished(): boolean {
    return this.stop !== null;
  }

  /** Tokens that may still be drawn. */
  get remaining(): number {
    return this.limit - this.drawn.length;
  }

  /** Takes the sample's tokens from one chunk. @returns the new tokens */
  take(chunk: readonly Drawn[], rule: StopRule): Int32Array {
    const before = this.drawn.length;
    for (const one of chunk) {
      if (this.stop) break;
      this.drawn.push(one);
      this.stop = rule.byToken(one.token) ?? (this.remaining === 0 ? "length" : null);
    }
    const tokens = this.drawn.map(({ token }) => token);
    const cut = rule.byString(tokens, before);
    // A stop string that ends with the end token changes nothing: the model has ended by itself.
    if (cut !== null && !(this.stop === "eos" && cut === tokens.length)) {
      this.drawn = this.drawn.slice(0, cut);
      this.stop = "stop";
    }
    return Int32Array.from(tokens.slice(before, this.drawn.length));
  }

  /** @throws Error if it is not finished */
  complete(): Completion {
    if (!this.stop) throw new Error(`sample ${this.sample} of request ${this.request} is still being written`);
    return {
      tokens: Int32Array.from(this.drawn, ({ token }) => token),
      logprobs: Float32Array.from(this.drawn, ({ logprob }) => logprob),
      entropies: Float32Array.from(this.drawn, ({ entropy }) => entropy),
      stop: this.stop,
    };
  }
}
