import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KelvinError } from "../../src/contracts";
import { loadTokenizer } from "../../src/model/tokenizer";

interface TokenizerJson {
  model: { vocab: Record<string, number>; unk_token?: string };
}
const file = () => JSON.parse(readFileSync("public/models/kelvin-nano/tokenizer.json", "utf8")) as TokenizerJson;
const tokenizer = loadTokenizer(file());

describe("the shipped tokenizer", () => {
  it("has 151 tokens and ends with <eos>", () => {
    expect(tokenizer.vocabularySize).toBe(151);
    expect(tokenizer.decode([tokenizer.endToken])).toBe("<eos>");
  });

  it("gives the ids PyTorch trained the reference model with", () => {
    const prompt = "<ded>def f(x):\n x=x*3\n if x<12:x=x-5\n return x//2<in>10<out>";
    const ids = [
      2, 14, 15, 30, 148, 134, 125, 15, 19, 148, 143, 34, 142, 30, 148, 133, 127, 15, 16, 148, 31, 124, 8, 32, 9,
    ];
    expect([...tokenizer.encode(prompt)]).toEqual(ids);
    expect(tokenizer.decode(ids)).toBe(prompt);
  });

  it("makes one token of every number up to 99 and of every role", () => {
    for (let number = 0; number < 100; number++) expect(tokenizer.encode(String(number))).toHaveLength(1);
    for (const role of ["ded", "abd", "ind", "pded", "pabd", "pind"])
      expect(tokenizer.encode(`<${role}>`)).toHaveLength(1);
  });

  it("agrees with a matcher written from the definition, and decodes back, on random texts of the vocabulary", () => {
    const vocabulary = file().model.vocab;
    const pieces = Object.keys(vocabulary);
    const text = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (sample) => {
        const ids = [...tokenizer.encode(sample)];
        expect(ids).toEqual(greedyLongestMatch(sample, vocabulary));
        expect(tokenizer.decode(ids)).toBe(sample);
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it("encodes nothing as nothing", () => {
    expect(tokenizer.encode("")).toHaveLength(0);
    expect(tokenizer.decode([])).toBe("");
  });

  it("refuses text it cannot spell instead of dropping it", () => {
    expect(() => tokenizer.encode("<ded>def f(y):<in>")).toThrow(KelvinError);
    expect(() => tokenizer.encode("é")).toThrow(/cannot spell "é"/);
    expect([...tokenizer.encode("<pad>x")]).toEqual([0, 148]);
  });

  it("takes the end token of config.json where it is given", () => {
    expect(loadTokenizer(file(), 11).endToken).toBe(11);
  });
});

describe("a malformed tokenizer.json", () => {
  const broken: [string, unknown, RegExp][] = [
    ["null", null, /no "model"/],
    ["a list", [], /no "model"/],
    ["no vocabulary", { model: {} }, /no "vocab"/],
    ["an empty vocabulary", { model: { vocab: {} } }, /empty/],
    ["an id that is no number", { model: { vocab: { a: "0" } } }, /the id of "a"/],
    ["a negative id", { model: { vocab: { a: -1 } } }, /the id of "a"/],
    ["one id twice", { model: { vocab: { a: 0, b: 0 } } }, /share one id/],
    ["an unknown token outside the vocabulary", { ...file(), model: { ...file().model, unk_token: "<unk>" } }, /<unk>/],
    [
      "no end token",
      { ...file(), added_tokens: [], model: { ...file().model, vocab: { "<pad>": 0 } } },
      /ends a completion/,
    ],
    ["an unheard-of model type", { ...file(), model: { ...file().model, type: "Telepathy" } }, /cannot be used/],
  ];
  it.each(broken)("%s is one clear error", (_, json, message) => {
    expect(() => loadTokenizer(json)).toThrow(KelvinError);
    expect(() => loadTokenizer(json)).toThrow(message);
  });
});

/** Special tokens first, then the longest vocabulary entry at each position: the file's meaning, spelt out. */
function greedyLongestMatch(text: string, vocabulary: Record<string, number>): number[] {
  const longest = Math.max(...Object.keys(vocabulary).map((piece) => piece.length));
  const ids: number[] = [];
  for (let at = 0; at < text.length; ) {
    let length = longest;
    while (vocabulary[text.slice(at, at + length)] === undefined) length--;
    ids.push(vocabulary[text.slice(at, at + length)] as number);
    at += Math.min(length, text.length - at);
  }
  return ids;
}
