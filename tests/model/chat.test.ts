import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { KelvinError } from "../../src/contracts";
import { openChat } from "../../src/model/chat";
import { type ChatTemplate, readChatTemplate } from "../../src/model/chat-template";
import { blobSource } from "../../src/model/source";
import { specialTokens } from "../../src/model/special-tokens";

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

/** Written by jinja2 itself: what each template makes of one user's turn; or what we refuse, as jinja2 does or because we do not do it. */
interface Golden {
  readonly cases: readonly { readonly template: string; readonly written?: string; readonly refused?: string }[];
}
const golden = JSON.parse(readFileSync("tests/model/fixtures/chat-templates.json", "utf8")) as Golden;

describe("the language of templates", () => {
  const said = "Héllo 'you'\nline";
  const tokens = { bos_token: "<s>" };

  it("writes what jinja2 writes", async () => {
    const written = golden.cases.filter((one) => one.written !== undefined);
    expect(written.length).toBeGreaterThan(50);
    for (const one of written)
      expect(await write({ text: one.template, tokens }, said), one.template).toBe(one.written);
  });

  it("refuses by name what it does not do", async () => {
    for (const { template, refused } of golden.cases.filter((one) => one.refused !== undefined))
      await expect(openChat({ text: template, tokens }), template).rejects.toThrow(refused);
  });

  it.each([
    [
      "loops in loops",
      "{% for i in range(10000) %}{% for j in range(10000) %}{% for k in range(10000) %}{% endfor %}{% endfor %}{% endfor %}x",
      /too many steps/,
    ],
    ["a range of a thousand million", "{% for i in range(1000000000) %}{% endfor %}", /range of more than 100000/],
    [
      "a text that doubles",
      `{% set ns = namespace(s="x") %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s }}`,
      /writes too much/,
    ],
    [
      "a list that holds itself twice",
      "{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}",
      /writes too much/,
    ],
    ["a macro that calls itself", "{% macro f(x) %}{{ f(x) }}{{ f(x) }}{% endmacro %}{{ f(1) }}", /./],
    ["a text a thousand million times", `{{ "x" * 1000000000 }}`, /writes too much/],
    [
      "replacements that grow",
      `{% set ns = namespace(s="aa") %}{% for i in range(60) %}{% set ns.s = ns.s|replace("a", "aa") %}{% endfor %}`,
      /writes too much/,
    ],
    ["brackets in brackets", `{{ ${"(".repeat(50_000)}1${")".repeat(50_000)} }}`, /./],
    ["white space without end", `${" ".repeat(150_000)}x`, /too long/],
    ["an indent that is large", `{{ ${JSON.stringify("a\n".repeat(2000))}|indent(1000) }}`, /writes too much/],
  ])("%s: refused, soon", async (_, text, message) => {
    const begin = performance.now();
    const failure = await openChat({ text, tokens: {} }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(KelvinError);
    expect(failure).toMatchObject({ reason: "model", message: expect.stringMatching(message) });
    expect(performance.now() - begin).toBeLessThan(10_000);
  });

  it("has a limit for every later text too", async () => {
    const chat = await openChat({
      text: "{% for a in messages[0].content %}{% for b in messages[0].content %}{% endfor %}{% endfor %}",
      tokens: {},
    });
    expect(chat("short")).toBe("");
    expect(() => chat("x".repeat(5000))).toThrow(/too many steps/);
  });
});

describe("special tokens", () => {
  it("come from tokenizer_config.json, then from special_tokens_map.json where that is still read", () => {
    const map = { eos_token: { content: "</e>" }, pad_token: "<p>" };
    expect(specialTokens({ bos_token: "<b>", eos_token: "</s>" }, map).texts).toEqual({
      bos_token: "<b>",
      eos_token: "</e>",
      pad_token: "<p>",
    });
    expect(specialTokens({ eos_token: "</s>", added_tokens_decoder: {} }, map).texts).toEqual({ eos_token: "</s>" });
  });

  it("have the usual texts of their class, unless the file says none", () => {
    expect(specialTokens({ tokenizer_class: "LlamaTokenizer", unk_token: null }, null).texts).toEqual({
      bos_token: "<s>",
      eos_token: "</s>",
    });
    expect(specialTokens(null, null)).toEqual({ texts: {}, addsBeginning: null });
  });

  it("say whether a text begins with one", () => {
    expect(specialTokens({ add_bos_token: true }, null).addsBeginning).toBe(true);
    expect(specialTokens({ tokenizer_class: "LlamaTokenizerFast" }, null).addsBeginning).toBe(true);
    expect(specialTokens({ tokenizer_class: "LlamaTokenizer", add_bos_token: false }, null).addsBeginning).toBe(false);
    expect(specialTokens({ tokenizer_class: "Qwen2Tokenizer", add_bos_token: false }, null).addsBeginning).toBeNull();
  });
});
