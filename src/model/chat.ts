/** Conversations in the format a model was trained on, from the chat template in its files. */
import { type ChatTemplate, usable } from "./chat-template";
import { refuseChains } from "./template/chains";
import { render } from "./template/evaluate";
import type { Node } from "./template/nodes";
import { fromJson, type Value } from "./template/values";

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
