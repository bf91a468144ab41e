/** Chat prompts, formatted by the template in a model's files. */
import { KelvinError } from "../contracts";
import { type ModelSource, readJson, readText } from "./source";
import { specialTokens } from "./special-tokens";

/** A template and the token texts that it may use. */
export interface ChatTemplate {
  /** In the Jinja language. */
  readonly text: string;
  /** `bos_token`, `eos_token` and similar. */
  readonly tokens: Readonly<Record<string, string>>;
}

/** The template of a model directory; null if the model has none. */
export async function readChatTemplate(source: ModelSource): Promise<ChatTemplate | null> {
  const config = fields(await readJson(source, "tokenizer_config.json"));
  const { texts } = specialTokens(config, await readJson(source, "special_tokens_map.json"));
  // Newer models store the template in a file of its own.
  const text = (await readText(source, "chat_template.jinja")) ?? templateText(config["chat_template"]);
  return text === null ? null : { text, tokens: texts };
}

/** Formats a user's message as a conversation in which the model speaks next. */
export type ChatWriter = (user: string) => string;

/** Some templates contain the date; a fixed one keeps prompts equal. It is the default in Llama's template. */
const DAY = "26 Jul 2024";

/**
 * Compiles the template. The Jinja library is loaded on first use.
 * @throws KelvinError "model" for a template that cannot be parsed, or that refuses a single user's turn; so does the writer
 */
export async function openChat({ text, tokens }: ChatTemplate): Promise<ChatWriter> {
  const { Template } = await import("@huggingface/jinja");
  // The library calls the clock itself; it cannot be replaced by a variable.
  const template = usable(() => new Template(text.replaceAll("strftime_now", "fixed_day")));
  const write: ChatWriter = (user) => {
    const messages = [{ role: "user", content: user }];
    return usable(() => template.render({ fixed_day: () => DAY, ...tokens, messages, add_generation_prompt: true }));
  };
  write("x");
  return write;
}

function usable<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ");
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

/** One template, or the default of several. */
function templateText(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return null;
  const templates = value.map(fields);
  const chosen = templates.find(({ name }) => name === "default") ?? templates[0];
  return typeof chosen?.["template"] === "string" ? chosen["template"] : null;
}
