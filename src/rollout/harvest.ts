import type { Completion, Group, LiveTokens, Prompt, Sample, Tokenizer } from "../contracts";

/** Whoever can begin work on samples while others are still being written; it returns at once. */
export interface Ahead {
  /** Groups that hold only the samples just finished. */
  begin(finished: readonly Group[]): void;
}

/** What a completion becomes a sample from. */
type Asked = readonly { readonly prompt: Prompt; readonly samples: number }[];

/** Completions become samples as they come. Each is handed on once, and then stands in its place among `groups`. */
export class Harvest {
  /** One group per prompt, in order; complete after `takeAll`. */
  readonly groups: readonly Group[];

  constructor(
    private readonly tokenizer: Tokenizer,
    asked: Asked,
    private readonly ahead: Ahead | undefined,
  ) {
    this.groups = asked.map(({ prompt, samples }) => ({ prompt, samples: new Array<Sample>(samples) }));
  }

  /** The samples that this chunk ends. */
  take(chunk: readonly LiveTokens[]): void {
    this.handOn(
      chunk.flatMap(({ request, sample, completion }) => (completion ? this.place(request, sample, completion) : [])),
    );
  }

  /** Everything that no chunk has told of: a policy need not report before it returns. */
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

  /** The sample as a group of its own; nothing when it was placed before. */
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
