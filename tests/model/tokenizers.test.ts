import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { KelvinError } from "../../src/contracts";
import { openLanguage } from "../../src/model/language";
import { loadTokenizer } from "../../src/model/tokenizer";
import { languageFiles } from "./language-files";

/** Written by the Rust library from random combinations of its parts: the ids and the text they decode to, or what we refuse. */
interface Golden {
  readonly bases: Readonly<Record<string, { readonly model: object; readonly added_tokens: readonly object[] }>>;
  readonly cases: readonly {
    readonly base: string;
    readonly change: object;
    readonly model: object;
    readonly added: readonly object[];
    readonly refused?: string;
    readonly texts: readonly (readonly [text: string, ids: readonly number[], decoded: string])[];
  }[];
}

const golden = JSON.parse(readFileSync("tests/model/fixtures/tokenizers.json", "utf8")) as Golden;

function built({ base, change, model, added }: Golden["cases"][number]): unknown {
  const file = golden.bases[base];
  if (!file) throw new Error(base);
  return { ...file, ...change, model: { ...file.model, ...model }, added_tokens: [...file.added_tokens, ...added] };
}

describe("tokenizers of every kind", () => {
  const accepted = golden.cases.filter(({ refused }) => refused === undefined);
  const refused = golden.cases.filter((one) => one.refused !== undefined);

  it("give the ids and texts of the Rust library", () => {
    expect(accepted.length).toBeGreaterThan(100);
    for (const one of accepted) {
      const tokenizer = loadTokenizer(built(one), 1);
      for (const [text, ids, decoded] of one.texts)
        expect({ ids: [...tokenizer.encode(text)], decoded: tokenizer.decode(ids) }, JSON.stringify(one)).toEqual({
          ids,
          decoded,
        });
    }
  });

  it("are refused by name where we do not compute what it does", () => {
    for (const one of refused) expect(() => loadTokenizer(built(one), 1)).toThrow(one.refused);
  });
});

/** Byte pairs of single bytes, with what a test adds. */
function bytePairs(model: object = {}, file: object = {}) {
  const vocab = Object.fromEntries(
    Array.from({ length: 256 }, (_, byte) => [`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`, byte]),
  );
  const { vocab: more = {}, ...rest } = model as { vocab?: Record<string, number> };
  return {
    ...{ added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null },
    decoder: { type: "Sequence", decoders: [{ type: "ByteFallback" }, { type: "Fuse" }] },
    ...file,
    model: { type: "BPE", byte_fallback: true, merges: [], vocab: { ...vocab, ...more }, ...rest },
  };
}

const split = (Regex: string) => ({
  pre_tokenizer: { type: "Split", pattern: { Regex }, behavior: "Isolated", invert: false },
});

describe("files of strangers", () => {
  it.each([
    [
      "an id of a thousand million",
      bytePairs({ vocab: { x: 1e9 } }),
      /the id of "x" is 1000000000, and the model has only 300 tokens/,
    ],
    [
      "an added token beyond the rows",
      bytePairs(
        {},
        {
          added_tokens: [
            {
              id: 300,
              content: "<a>",
              special: true,
              normalized: false,
              single_word: false,
              lstrip: false,
              rstrip: false,
            },
          ],
        },
      ),
      /the id of "<a>" is 300/,
    ],
    [
      "an id that is not its place",
      bytePairs(
        {},
        {
          added_tokens: [
            {
              id: 260,
              content: "<a>",
              special: true,
              normalized: false,
              single_word: false,
              lstrip: false,
              rstrip: false,
            },
          ],
        },
      ),
      /the id of "<a>" is 260, but its place is 256/,
    ],
    ["merges drawn at random", bytePairs({ dropout: 0.1 }), /model\.dropout/],
    ["a field that nobody knows", bytePairs({ telepathy: true }), /model\.telepathy is not known/],
    ["a merge of no tokens", bytePairs({ merges: ["a b"] }), /the merge "a b"/],
    ["parts in parts without end", bytePairs({}, { normalizer: nested(200) }), /too many parts in parts/],
    [
      "groups in groups without end",
      bytePairs({}, split(`${"(".repeat(9999)}x${")".repeat(9999)}`)),
      /too many groups/,
    ],
    ["an expression that matches nothing", bytePairs({}, split("x*")), /may match nothing/],
    ["an anchor", bytePairs({}, split("^x")), /anchor/],
    ["a look back of any width", bytePairs({}, split("(?<=x+)y")), /varying width/],
    [
      "an empty replacement pattern",
      bytePairs({}, { normalizer: { type: "Replace", pattern: { String: "" }, content: "x" } }),
      /matches nothing/,
    ],
    [
      "normalizer tables",
      bytePairs({}, { normalizer: { type: "Precompiled", precompiled_charsmap: "" } }),
      /normalizer of type "Precompiled" is not supported/,
    ],
  ])("%s: refused in one line", (_, json, message) => {
    expect(() => loadTokenizer(json, 0, 300)).toThrow(KelvinError);
    expect(() => loadTokenizer(json, 0, 300)).toThrow(message);
  });

  it.each(["(a+)+b", "(a|a)*b", "(a*)*b", "(?:a|aa)+b", "(a+a+)+b", "(?:.*a){12}b", "(?=(?:a+)+b)a"])(
    "%s ends on any text, and says so",
    (expression) => {
      const tokenizer = loadTokenizer(bytePairs({}, split(expression)), 0);
      const begin = performance.now();
      expect(() => tokenizer.encode("a".repeat(2000))).toThrow(/takes too many steps/);
      expect(performance.now() - begin).toBeLessThan(5000);
      expect([...tokenizer.encode("xyz")]).toEqual([120, 121, 122]);
    },
  );

  it("with an expression that backtracks are refused when they are loaded", async () => {
    const json = JSON.parse(readFileSync("public/models/kelvin-nano/tokenizer.json", "utf8"));
    const { files, config } = languageFiles({ ...json, ...split("(?:[a-z<>():]|[a-z<>():\\s])+Q") });
    await expect(openLanguage(files, config)).rejects.toThrow(/too many steps/);
  });
});

function nested(depth: number): object {
  return depth === 0 ? { type: "NFC" } : { type: "Sequence", normalizers: [nested(depth - 1)] };
}

describe("a model's table with more rows than tokens", () => {
  const tokenizer = loadTokenizer(bytePairs(), 0, 400);

  it("has ids without a token, which decode to nothing", () => {
    expect(tokenizer.decode([300, 120, 399, 121])).toBe("xy");
    expect(tokenizer.decode([300])).toBe("");
    expect(tokenizer.decode([-1, 1e9])).toBe("");
  });
});

describe("a character that no token spells", () => {
  it("is refused, never dropped", () => {
    const vocab = { a: 0, b: 1 };
    const tokenizer = loadTokenizer({ ...bytePairs(), model: { type: "BPE", vocab, merges: [] } }, 0);
    expect([...tokenizer.encode("ab")]).toEqual([0, 1]);
    expect(() => tokenizer.encode("ab\nb")).toThrow(/cannot spell "ab\\nb": it has no token for "\\n"/);
  });
});

describe("large vocabularies", () => {
  it.each([152_064, 262_144])("of %d tokens are read, and spell", (size) => {
    const vocab = Object.fromEntries(Array.from({ length: size - 256 }, (_, index) => [`word${index}`, index + 256]));
    const tokenizer = loadTokenizer(bytePairs({ vocab, ignore_merges: true }), 0, size);
    expect(tokenizer.vocabularySize).toBe(size);
    expect([...tokenizer.encode(`word${size - 257}`)]).toEqual([size - 1]);
    expect(tokenizer.decode(Array.from({ length: size }, () => 97))).toHaveLength(size);
  });
});

describe("the language of a model", () => {
  const json = () => JSON.parse(readFileSync("public/models/kelvin-nano/tokenizer.json", "utf8"));

  it("is the shipped one's", async () => {
    const { files, config } = languageFiles(json());
    expect(await openLanguage(files, config)).toMatchObject({ chat: null, endTokens: [1] });
  });

  it("must spell the task language", async () => {
    const file = json();
    delete file.model.vocab["%"];
    const { files, config } = languageFiles(file);
    await expect(openLanguage(files, config)).rejects.toThrow(/tokenizer fails: .*cannot spell .*"%"/);
  });

  it("must give every text of it back", async () => {
    const { files, config } = languageFiles({ ...json(), decoder: { type: "WordPiece", prefix: "", cleanup: true } });
    const good = openLanguage(files, config);
    await expect(good).resolves.toBeDefined();
    const spaced = languageFiles({ ...json(), decoder: null });
    await expect(openLanguage(spaced.files, spaced.config)).rejects.toThrow(/tokenizer writes "<ded>/);
  });
});
