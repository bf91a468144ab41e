import { type SamplingOptions, type SamplingRequest, samplingProblem } from "../contracts";
import { type GenerationPlan, MOST_STOPS } from "./caches";
import type { ModelConfig } from "./config";

/** Checks requests before any work. @throws Error that names the request and both sizes */
export function checkRequests(requests: readonly SamplingRequest[], plan: GenerationPlan, config: ModelConfig): void {
  const longest = Math.min(plan.promptRows, plan.prefillRows);
  for (const [index, { tokens, maxNewTokens, samples }] of requests.entries()) {
    const refuse = (what: string): never => {
      throw new Error(`request ${index} ${what}`);
    };
    if (tokens.length === 0) refuse("has an empty prompt");
    if (!(maxNewTokens >= 1)) refuse(`asks for ${maxNewTokens} new tokens`);
    if (!(samples >= 0)) refuse(`asks for ${samples} samples`);
    if (maxNewTokens > plan.capacity)
      refuse(`asks for ${maxNewTokens} new tokens, but the model was planned for ${plan.capacity} a sample (capacity)`);
    if (tokens.length - 1 > longest)
      refuse(`has a prompt of ${tokens.length} tokens, which does not fit the cache of ${longest} rows`);
    if (tokens.length >= config.contextLength)
      refuse(`has a prompt of ${tokens.length} tokens, which leaves no room in the context of ${config.contextLength}`);
  }
}

/** Checks sampling options. @throws Error that names the option */
export function checkOptions(options: SamplingOptions, { vocabulary, endTokens }: ModelConfig): void {
  const { stopTokens = [], stopStrings = [] } = options;
  const refuse = (what: string): never => {
    throw new Error(`sampling: ${what}`);
  };
  const problem = samplingProblem(options);
  if (problem) refuse(`${problem.option} is ${options[problem.option]}, not ${problem.rule}`);
  const room = MOST_STOPS - Math.max(1, endTokens.length);
  if (stopTokens.length > room) refuse(`${stopTokens.length} stop tokens, at most ${room} are allowed`);
  const stranger = stopTokens.find((token) => !(Number.isInteger(token) && token >= 0 && token < vocabulary));
  if (stranger !== undefined) refuse(`stop token ${stranger} is not one of the ${vocabulary} tokens`);
  if (stopStrings.includes("")) refuse("an empty stop string would match everywhere");
}
