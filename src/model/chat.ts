/** Conversations in the format a model was trained on, from the chat template in its files. */
import { KelvinError } from "../contracts";
import { type ModelSource, readJson, readText } from "./source";
import { specialTokens } from "./special-tokens";
import { refuseChains } from "./template/chains";
import { render } from "./template/evaluate";
import type { Node } from "./template/nodes";
import { fromJson, type Value } from "./template/values";

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

/** Turns a user's message into a conversation whose next turn is the model's. */
export type ChatWriter = (user: string) => string;

/** Some templates name the day; prompts must be the same on every one. It is the day that Llama's take where there is no clock. */
const DAY = new Date(Date.UTC(2024, 6, 26));
/** Longer than any template; white space is looked for line by line. */
const MOST_TEXT = 200_000;
const LONGEST_SPACE = 1000;

/**
 * Compiles the template; its language is loaded on first use. It is rendered as transformers' environment of jinja2 does, by a renderer
 * that counts its steps: a template that loops is refused, for whatever text.
 * @throws KelvinError "model" for a template that cannot be read, or that refuses a single user's turn; so does the writer
 */
export async function openChat({ text, tokens }: ChatTemplate): Promise<ChatWriter> {
  const { parse, tokenize } = await import("@huggingface/jinja");
  const program = usable(() => {
    const lines = text.replaceAll(/\r\n?/g, "\n");
    if (lines.length > MOST_TEXT || new RegExp(`\\s{${LONGEST_SPACE}}`).test(lines)) throw new Error("it is too long");
    const tokens = tokenize(lines, { lstrip_blocks: true, trim_blocks: true });
    refuseChains(tokens);
    return parse(tokens) as unknown as Node;
  });
  const write: ChatWriter = (user) => {
    const given = {
      messages: [{ role: "user", content: user }],
      tools: null,
      documents: null,
      add_generation_prompt: true,
    };
    const variables = new Map<string, Value>(
      Object.entries({ ...tokens, ...given }).map(([name, one]) => [name, fromJson(one)]),
    );
    return usable(() => render(program, variables, DAY));
  };
  write("x");
  return write;
}

function usable<T>(work: () => T): T {
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
