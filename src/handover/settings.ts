/** Settings of a run that other trainers have, too. */
import type { MethodConfig } from "../contracts";
import type { RunHeader } from "../telemetry/state";

/** `settings.json` of a bundle. */
export interface HandoverSettings {
  readonly method: string;
  readonly seed: number;
  readonly samples: number;
  readonly learning_rate: number;
  readonly temperature: number;
  readonly clip: number;
  readonly max_prompt_length: number;
  readonly max_response_length: number;
  readonly chat: boolean;
}

/** Of methods that do not name them: the usual group of GRPO and its clip. */
const USUAL = { samples: 8, learningRate: 1.5e-4, temperature: 1, clip: 0.2 } as const;
/** Longest prompt of the task formats, and room for the answer to a program of eight statements. */
const TOKENS = { prompt: 192, response: 144 } as const;

/** @param context of the model, in tokens */
export function settingsOf({ method, seed, config }: RunHeader, chat: boolean, context: number): HandoverSettings {
  const number = (key: keyof typeof USUAL) => numberIn(config as MethodConfig, key) ?? USUAL[key];
  const response = Math.min(TOKENS.response, Math.max(1, context - 80));
  return {
    ...{ method, seed, samples: number("samples"), learning_rate: number("learningRate") },
    ...{ temperature: number("temperature"), clip: number("clip") },
    ...{ max_prompt_length: chat ? 2 * TOKENS.prompt : TOKENS.prompt, max_response_length: response, chat },
  };
}

function numberIn(config: MethodConfig, key: string): number | undefined {
  const value = config[key];
  return typeof value === "number" && value > 0 ? value : undefined;
}
