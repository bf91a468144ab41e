/** Tokens → text. */
import { bytesOf, fromByteLevel, textOfBytes } from "./bytes";
import { Part, refuse, shown } from "./part";
import { readPattern, replaced } from "./pieces";
import { schemeOf } from "./pre-tokenizers";

/** Texts of tokens → texts that are joined. */
export type Decoder = (tokens: readonly string[]) => readonly string[];

/** Parts in parts; real files have two. */
const DEEPEST = 10;

/** @throws KelvinError "model" for a kind that is not computed as the reference library does */
export function readDecoder(value: unknown, path = "decoder", depth = 0): Decoder {
  // Without a decoder tokens are words.
  if (value === null) return (tokens) => [tokens.join(" ")];
  if (depth > DEEPEST) refuse(`${path} holds too many parts in parts`);
  const part = Part.of(value, path);
  const type = part.text("type");
  switch (type) {
    case "Sequence": {
      part.only("type decoders");
      const all = part.list("decoders").map((one, i) => readDecoder(one, `${path}.decoders[${i}]`, depth + 1));
      return (tokens) => all.reduce((before, decode) => decode(before), tokens);
    }
    case "ByteLevel":
      part.only("type add_prefix_space trim_offsets use_regex");
      return (tokens) => [textOfBytes(tokens.flatMap(fromByteLevel))];
    case "ByteFallback":
      part.only("type");
      return byteFallback;
    case "Fuse":
      part.only("type");
      return (tokens) => [tokens.join("")];
    case "Replace": {
      const pattern = readPattern(part.only("type pattern content").part("pattern"));
      const content = part.text("content");
      return (tokens) => tokens.map((token) => replaced(token, pattern, content));
    }
    case "Strip": {
      part.only("type content start stop");
      const cut = { content: part.character("content"), start: part.count("start"), stop: part.count("stop") };
      return (tokens) => tokens.map((token) => strip(token, cut));
    }
    case "Metaspace":
      return metaspace(part);
    case "WordPiece":
      return wordPiece(part);
    case "BPEDecoder": {
      const suffix = part.only("type suffix").text("suffix");
      if (suffix === "") refuse(`${path}.suffix is empty`);
      return (tokens) => tokens.map((token, i) => token.replaceAll(suffix, i === tokens.length - 1 ? "" : " "));
    }
    default:
      return refuse(`${path} of type ${shown(type)} is not supported`);
  }
}

/** Tokens such as `<0x0A>` become the text of their bytes; of bytes that are no text, one U+FFFD each. */
function byteFallback(tokens: readonly string[]): string[] {
  const texts: string[] = [];
  let bytes: number[] = [];
  const flush = (): void => {
    const text = textOfBytes(bytes);
    const isText = String(bytesOf(text)) === String(bytes);
    if (bytes.length > 0) texts.push(isText ? text : "\ufffd".repeat(bytes.length));
    bytes = [];
  };
  for (const token of tokens) {
    const byte = /^<0x([0-9A-Fa-f]{2}|\+[0-9A-Fa-f])>$/.exec(token)?.[1];
    if (byte !== undefined) bytes.push(Number.parseInt(byte, 16));
    else {
      flush();
      texts.push(token);
    }
  }
  flush();
  return texts;
}

function strip(token: string, { content, start, stop }: { content: string; start: number; stop: number }): string {
  const characters = [...token];
  let first = 0;
  while (first < start && characters[first] === content) first++;
  let last = characters.length;
  while (characters.length - last < stop && last > 0 && characters[last - 1] === content) last--;
  return characters.slice(first, Math.max(first, last)).join("");
}

function metaspace(part: Part): Decoder {
  part.only("type replacement add_prefix_space prepend_scheme split str_rep");
  const mark = part.character("replacement");
  const dropsFirst = schemeOf(part) !== "never";
  return (tokens) => tokens.map((token, i) => token.replaceAll(mark, i === 0 && dropsFirst ? "" : " "));
}

function wordPiece(part: Part): Decoder {
  part.only("type prefix cleanup");
  const prefix = part.text("prefix");
  const cleans = part.flag("cleanup");
  return (tokens) =>
    tokens.map((token, i) => {
      const text = i === 0 ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
      return cleans ? CLEANUPS.reduce((before, [what, by]) => before.replaceAll(what, by), text) : text;
    });
}

const CLEANUPS: readonly (readonly [string, string])[] = [
  [" .", "."],
  [" ?", "?"],
  [" !", "!"],
  [" ,", ","],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [" do not", " don't"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
];
