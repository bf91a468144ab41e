/** The markup of running text, read without drawing it. */
import { findWord, inSentence } from "./glossary";
import type { Text } from "./page";

export type Part =
  | { readonly kind: "text" | "code" | "emphasis"; readonly words: string }
  | { readonly kind: "term"; readonly name: string; readonly words: string }
  | { readonly kind: "link"; readonly target: string; readonly words: string };

const MARKUP = /\{([^{}]+)\}|`([^`]+)`|\*([^*]+)\*|\[([^\]]+)\]\(([^)]+)\)/gu;

/** Splits a text into its parts. A term that the glossary lacks is read as plain words. */
export function parse(text: Text): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(MARKUP)) {
    parts.push({ kind: "text", words: text.slice(end, match.index) }, marked(match));
    end = match.index + match[0].length;
  }
  return [...parts, { kind: "text" as const, words: text.slice(end) }].filter(({ words }) => words !== "");
}

function marked([, term, code, emphasis, words = "", target = ""]: RegExpMatchArray): Part {
  if (code !== undefined) return { kind: "code", words: code };
  if (emphasis !== undefined) return { kind: "emphasis", words: emphasis };
  if (term === undefined) return { kind: "link", target, words };
  const [name = "", shown] = term.split("|");
  const word = findWord(name);
  // A method's own word is not known before its engine or its log is here.
  if (!word) return { kind: "text", words: shown ?? name.replaceAll("-", " ") };
  return { kind: "term", name, words: shown ?? inSentence(word.title) };
}

/** Names of the glossary that a text speaks of. */
export function termsIn(text: Text): string[] {
  return [...text.matchAll(/\{([^{}|]+)(?:\|[^{}]*)?\}/gu)].map(([, name = ""]) => name);
}
