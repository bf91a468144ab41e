/** A model's folder as other trainers read it. */
import * as v from "valibot";
import { KelvinError } from "../contracts";

/** Trainers decode without special tokens, so only these two stay special: the others are a part of every answer. */
const SPECIAL: ReadonlySet<string> = new Set(["<pad>", "<eos>"]);
/** Role tokens by which a vocabulary of Kelvin's own is known. */
const OURS = "<ded>";

const Tokenizer = v.looseObject({
  added_tokens: v.array(v.looseObject({ id: v.number(), content: v.string(), special: v.boolean() })),
});

const text = (value: object): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);

/** Repeats what was said: trainers put every prompt through a template, and this model was trained without. */
const PASS_THROUGH = "{% for message in messages %}{{ message['content'] }}{% endfor %}";

/**
 * Files of a model with a vocabulary of Kelvin's own get what its trainers ask for; those of any other model stay as they are.
 * @param files of the model's folder by name
 * @param longest tokens of prompt and answer
 * @throws KelvinError "model" for a tokenizer that cannot be read
 */
export function modelFolder(files: ReadonlyMap<string, Uint8Array>, longest: number): Map<string, Uint8Array> {
  const bytes = files.get("tokenizer.json");
  const tokenizer = v.safeParse(v.pipe(v.string(), v.parseJson(), Tokenizer), new TextDecoder().decode(bytes));
  if (!tokenizer.success)
    throw new KelvinError("model", "The model's tokenizer.json cannot be read.", "Its folder must be whole.");
  const { added_tokens: tokens } = tokenizer.output;
  if (!tokens.some(({ content }) => content === OURS)) return new Map(files);
  const plain = tokens.map((token) => ({ ...token, special: SPECIAL.has(token.content) }));
  const idOf = (name: string) => tokens.find(({ content }) => content === name)?.id;
  return new Map([
    ...files,
    ["tokenizer.json", text({ ...tokenizer.output, added_tokens: plain })],
    ["tokenizer_config.json", text(tokenizerConfig(longest))],
    ["generation_config.json", text({ eos_token_id: idOf("<eos>"), pad_token_id: idOf("<pad>"), do_sample: true })],
    ["chat_template.jinja", new TextEncoder().encode(PASS_THROUGH)],
  ]);
}

function tokenizerConfig(longest: number): object {
  return {
    tokenizer_class: "PreTrainedTokenizerFast",
    ...{ eos_token: "<eos>", pad_token: "<pad>", padding_side: "left" },
    ...{ model_max_length: longest, clean_up_tokenization_spaces: false },
  };
}
