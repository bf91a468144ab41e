/** Contents of config.json and tokenizer.json of Kelvin's own base model. */
import { PLAIN, type Recipe, type Size } from "./schedule";

const ROLES = "<pad> <eos> <ded> <abd> <ind> <pded> <pabd> <pind> <in> <out> <think> <ans> <new> <msg>".split(" ");

/** Pieces that always occur as a whole, one token each. */
const PIECES = [
  "def f(x):",
  "\n ",
  "return ",
  " for a in x",
  "for i in range(",
  "if ",
  "sum(",
  "len(",
  "max(",
  "min(",
  "sorted(",
  "[::-1]",
  "[1:]",
  "[:-1]",
  "[0]",
  "[-1]",
  "x=",
  "//",
];

/** Of a model of integrals; its numbers come after them, as elsewhere. */
const INTEGRAL_ROLES = "<pad> <eos> <int> <out> <ans> <new> <easy>".split(" ");
const INTEGRAL_CHARACTERS = [..."0123456789+-*/()x"];

/** What the formats of a later base add: role tokens, and words that judgements are made of. */
const MORE_ROLES = "<easy> <judge> <try> <rule> <check> <score> <law> <fix> <best>".split(" ");
const WORDS = "ok no value lines runs fits short varied A B".split(" ");

const CHARACTERS = [..."0123456789+-*%()[],;:<>#= xia"];

/**
 * Roles, pieces, the numbers 10 to 99 and characters. One token per number makes arithmetic learnable at this size. A recipe of
 * other formats adds its tokens at the end, so that the others keep their ids.
 */
export function vocabulary(recipe: Recipe = PLAIN): string[] {
  const numbers = Array.from({ length: 90 }, (_, index) => String(index + 10));
  if (recipe.domain === "integrals") return [...INTEGRAL_ROLES, ...numbers, ...INTEGRAL_CHARACTERS];
  const more = recipe.easy > 0 || recipe.judge > 0 ? [...MORE_ROLES, ...WORDS] : [];
  return [...ROLES, ...PIECES, ...numbers, ...CHARACTERS, ...more];
}

/** Ids of the number tokens, 0 first. */
export function numberTokens(recipe: Recipe = PLAIN): number[] {
  const ids = new Map(vocabulary(recipe).map((token, id) => [token, id]));
  return Array.from({ length: 100 }, (_, number) => ids.get(String(number)) as number);
}

/** tokenizer.json: WordPiece without a continuation prefix is greedy longest match. */
export function tokenizerJson(recipe: Recipe = PLAIN) {
  const ids = new Map(vocabulary(recipe).map((token, id) => [token, id]));
  const roles = [...ROLES, ...MORE_ROLES, "<int>"].filter((role) => ids.has(role));
  const shared = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: roles.map((content) => ({ id: ids.get(content) as number, content, ...shared })),
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: { type: "Fuse" },
    model: {
      type: "WordPiece",
      unk_token: "<pad>",
      continuing_subword_prefix: "",
      max_input_chars_per_word: 100000,
      vocab: Object.fromEntries(ids),
    },
  };
}

/** Context of a model of short tasks, and of one that has learned long programs or to judge. */
const CONTEXT = { short: 192, long: 256 };

/** Layers, width, heads, feed-forward width, and the context if it is not that of the recipe. */
const SHAPES: Readonly<
  Record<Size, { layers: number; hidden: number; heads: number; swiglu: number; context?: number }>
> = {
  nano: { layers: 4, hidden: 128, heads: 4, swiglu: 352 },
  small: { layers: 6, hidden: 256, heads: 8, swiglu: 704, context: 512 },
};

/** config.json: a Llama with tied embedding and head; 823,296 parameters as the first shipped model has it, 4,863,744 if small. */
export function configJson(recipe: Recipe = PLAIN) {
  const { layers, hidden, heads, swiglu, context } = SHAPES[recipe.size];
  return {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    hidden_size: hidden,
    intermediate_size: swiglu,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: heads,
    head_dim: hidden / heads,
    vocab_size: vocabulary(recipe).length,
    rms_norm_eps: 1e-5,
    rope_theta: 10000,
    tie_word_embeddings: true,
    hidden_act: "silu",
    max_position_embeddings: context ?? usualContext(recipe),
    bos_token_id: null,
    eos_token_id: 1,
    pad_token_id: 0,
    torch_dtype: "float32",
  };
}

function usualContext({ domain, long, judge }: Recipe): number {
  return domain === "programs" && (long > 0 || judge > 0) ? CONTEXT.long : CONTEXT.short;
}
