import type { MemoryNeed, Tokenizer } from "../contracts";
import type { AdapterLayout } from "./adapter-layout";
import type { ChatWriter } from "./chat";
import type { ModelConfig } from "./config";
import type { ParameterLayout } from "./parameters";
import type { Plan } from "./plan";
import type { Weights } from "./weights";

/** What a model is made of, once its numbers are on the device. */
export interface ModelParts {
  readonly name: string;
  readonly config: ModelConfig;
  readonly layout: ParameterLayout;
  /** Of the adapters that are trained; null where the whole model is. */
  readonly adapterLayout: AdapterLayout | null;
  readonly weights: Weights;
  readonly tokenizer: Tokenizer | null;
  /** null for a model that was not made for conversations. */
  readonly chat: ChatWriter | null;
  readonly plan: Plan;
  readonly memory: MemoryNeed;
}
