import type { MemoryNeed, Tokenizer } from "../contracts";
import type { AdapterLayout } from "./adapter-layout";
import type { ChatWriter } from "./chat";
import type { ModelConfig } from "./config";
import type { ParameterLayout } from "./parameters";
import type { Plan } from "./plan";
import type { Weights } from "./weights";

/** Parts of a loaded model. */
export interface ModelParts {
  readonly name: string;
  readonly config: ModelConfig;
  readonly layout: ParameterLayout;
  /** Layout of the trained adapters; null if the whole model is trained. */
  readonly adapterLayout: AdapterLayout | null;
  readonly weights: Weights;
  readonly tokenizer: Tokenizer | null;
  /** null without a chat template. */
  readonly chat: ChatWriter | null;
  readonly plan: Plan;
  readonly memory: MemoryNeed;
}
