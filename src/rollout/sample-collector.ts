import type { Completion, Group, LiveTokens, Prompt, Sample, Tokenizer } from "../contracts";

/** Starts work on finished samples while others are still being generated. */
export interface Ahead {
  /** `finished` holds only the samples that have just ended. Returns at once. */
  begin(finished: readonly Group[]): void;
}

/** The prompts, and the number of samples of each. */
type Asked = readonly { readonly prompt: Prompt; readonly samples: number }[];

/** Turns completions into samples as they arrive. Each is returned once and stored in its place in `groups`. */
export class SampleCollector {
  /** One group per prompt, in order. Complete after `takeAll`. */
  readonly groups: readonly Group[];

  constructor(
    private readonly tokenizer: Tokenizer,
    asked: Asked,
    private readonly ahead: Ahead | undefined,
  ) {
    this.groups = asked.map(({ prompt, samples }) => ({ prompt, samples: new Array<Sample>(samples) }));
  }

  /** Returns the samples that end with this chunk. */
  take(chunk: readonly LiveTokens[]): void {
    this.handOn(
      chunk.flatMap(({ request, sample, completion }) => (completion ? this.place(request, sample, completion) : [])),
    );
  }

  /** Returns the completions not yet reported. A policy need not report any before it returns. */
  takeAll(completions: readonly (readonly Completion[])[]): void {
    this.handOn(
      completions.flatMap((samples, request) =>
        samples.flatMap((completion, sample) => this.place(request, sample, completion)),
      ),
    );
  }

  private handOn(finished: readonly Group[]): void {
    if (finished.length > 0) this.ahead?.begin(finished);
  }

  /** Stores the sample and returns it as a group of its own; empty if it was stored before. */
  private place(request: number, index: number, completion: Completion): Group[] {
    const group = this.groups[request];
    if (!group) throw new Error(`rollout: a sample of request ${request}, only ${this.groups.length} were made`);
    if (group.samples[index]) return [];
    const sample = toSample(this.tokenizer, `${group.prompt.id}/${index}`, completion);
    group.samples[index] = sample;
    return [{ prompt: group.prompt, samples: [sample] }];
  }
}

/** A completion without verdict, reward or advantage yet. */
function toSample(tokenizer: Tokenizer, id: string, { tokens, logprobs, entropies, stop }: Completion): Sample {
  const spoken = stop === "eos" ? tokens.subarray(0, -1) : tokens;
  const text = tokenizer.decode(spoken);
  return { id, tokens, logprobs, entropies, text, stop, reward: 0, advantage: 0, trace: text.startsWith("<think>") };
}
