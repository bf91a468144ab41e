/** The chat template of a model's files, read and not yet rendered: the renderer is loaded for models that have one. */
import { KelvinError } from "../contracts";
import { type ModelSource, readJson, readText } from "./source";
import { specialTokens } from "./special-tokens";

/** A template and the special tokens it may name. */
export interface ChatTemplate {
  /** In the Jinja language. */
  readonly text: string;
  /** `bos_token`, `eos_token` and the like. */
  readonly tokens: Readonly<Record<string, string>>;
}

/** Template of a model directory; null for a model that was not made for conversations. @throws KelvinError "model" */
export async function readChatTemplate(source: ModelSource): Promise<ChatTemplate | null> {
  const config = fields(await readJson(source, "tokenizer_config.json"));
  const { texts } = specialTokens(config, await readJson(source, "special_tokens_map.json"));
  // Newer models keep the template in a file of its own.
  const text = (await readText(source, "chat_template.jinja")) ?? templateText(config["chat_template"]);
  return text === null ? null : { text, tokens: texts };
}

/** @throws KelvinError "model" with the reason if the work on a template fails */
export function usable<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ").slice(0, 300);
    throw new KelvinError(
      "model",
      `the chat template cannot be used: ${why}`,
      "Correct or remove it: chat_template.jinja, or chat_template in tokenizer_config.json.",
    );
  }
}

function fields(json: unknown): Readonly<Record<string, unknown>> {
  return typeof json === "object" && json !== null ? (json as Readonly<Record<string, unknown>>) : {};
}

/** One template, or the default one of several. @throws KelvinError "model" for several without a default */
function templateText(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return null;
  const chosen = value.map(fields).find(({ name }) => name === "default");
  return usable(() => {
    if (typeof chosen?.["template"] !== "string") throw new Error("there are several, and none is the default");
    return chosen["template"];
  });
}
