/** How a conversation is written for a model: the template that comes with its files. */
import { KelvinError } from "../contracts";
import { type ModelSource, readJson, readText } from "./source";

/** One turn of a conversation. */
export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** A template and the texts it may name. */
export interface ChatTemplate {
  /** In the Jinja language. */
  readonly text: string;
  /** `bos_token`, `eos_token` and their like. */
  readonly tokens: Readonly<Record<string, string>>;
}

/** Template of a model directory; null for a model that was not made for conversations. */
export async function readChatTemplate(source: ModelSource): Promise<ChatTemplate | null> {
  const config = fields(await readJson(source, "tokenizer_config.json"));
  // Newer models keep the template in a file of its own.
  const text = (await readText(source, "chat_template.jinja")) ?? templateText(config["chat_template"]);
  return text === null ? null : { text, tokens: specialTokens(config) };
}

/**
 * The prompt of a conversation whose next turn is the model's. The template language is loaded on first use.
 * @throws KelvinError "model" for a template that cannot be read, or that refuses these messages
 */
export async function chatPrompt(template: ChatTemplate, messages: readonly ChatMessage[]): Promise<string> {
  const { Template } = await import("@huggingface/jinja");
  try {
    return new Template(template.text).render({ ...template.tokens, messages, add_generation_prompt: true });
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ");
    throw new KelvinError("model", `the chat template cannot be used: ${why}`, "Write the prompt without it.");
  }
}

function fields(json: unknown): Readonly<Record<string, unknown>> {
  return typeof json === "object" && json !== null ? (json as Readonly<Record<string, unknown>>) : {};
}

/** One template, or the default one of several. */
function templateText(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return null;
  const templates = value.map(fields);
  const chosen = templates.find(({ name }) => name === "default") ?? templates[0];
  return typeof chosen?.["template"] === "string" ? chosen["template"] : null;
}

/** Texts of the special tokens; older files have objects with a `content`. */
function specialTokens(config: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts = Object.entries(config).flatMap(([name, value]): [string, string][] => {
    const text = typeof value === "string" ? value : fields(value)["content"];
    return name.endsWith("_token") && typeof text === "string" ? [[name, text]] : [];
  });
  return Object.fromEntries(texts);
}
