import { describe, expect, it } from "vitest";
import { KelvinError } from "../../src/contracts";
import { type ChatTemplate, openChat, readChatTemplate } from "../../src/model/chat";
import { blobSource } from "../../src/model/source";

/** The shape of ChatML, as the Qwen models write it. */
const CHATML = `{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' + message.content | trim + '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}`;

const write = async (template: ChatTemplate | null, user: string) => template && (await openChat(template))(user);

function source(files: Record<string, unknown>) {
  const texts = Object.entries(files).map(([name, content]): [string, Blob] => [
    name,
    new Blob([typeof content === "string" ? content : JSON.stringify(content)]),
  ]);
  return blobSource("model", new Map(texts));
}

describe("a chat template", () => {
  it("writes a conversation as its model was taught to read one", async () => {
    const template = await readChatTemplate(source({ "tokenizer_config.json": { chat_template: CHATML } }));
    expect(await write(template, " 2+2? ")).toBe("<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n");
  });

  it("is taken from its own file before tokenizer_config.json, the default one of several", async () => {
    const several = [
      { name: "tools", template: "tools" },
      { name: "default", template: "plain" },
    ];
    const config = { "tokenizer_config.json": { chat_template: several } };
    expect((await readChatTemplate(source(config)))?.text).toBe("plain");
    expect((await readChatTemplate(source({ ...config, "chat_template.jinja": "own" })))?.text).toBe("own");
  });

  it("may name the special tokens, in the older spelling too", async () => {
    const chat_template = "{{ bos_token }}{% for m in messages %}{{ m.content }}{{ eos_token }}{% endfor %}";
    const config = { chat_template, bos_token: "<s>", eos_token: { content: "</s>", lstrip: false }, pad_token: null };
    const template = await readChatTemplate(source({ "tokenizer_config.json": config }));
    expect(template?.tokens).toEqual({ bos_token: "<s>", eos_token: "</s>" });
    expect(await write(template, " 2+2? ")).toBe("<s> 2+2? </s>");
  });

  it("is missing from models that do not talk", async () => {
    expect(await readChatTemplate(source({}))).toBeNull();
    expect(await readChatTemplate(source({ "tokenizer_config.json": { bos_token: "<s>" } }))).toBeNull();
  });

  it("that names the day writes the same on every one", async () => {
    const day = `{% if strftime_now is defined %}{{ strftime_now("%d %b %Y") }}{% endif %}{{ messages[0].content }}`;
    expect(await write({ text: day, tokens: {} }, "!")).toBe("26 Jul 2024!");
  });

  it.each([
    ["is broken", "{% for m in %}", /^the chat template cannot be used: \S.*$/],
    ["refuses the conversation", "{{ raise_exception('roles must alternate') }}", /roles must alternate$/],
  ])("that %s says so in one line", async (_, text, message) => {
    const failure = await openChat({ text, tokens: {} }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(KelvinError);
    expect(failure).toMatchObject({ reason: "model", message: expect.stringMatching(message) });
  });
});
