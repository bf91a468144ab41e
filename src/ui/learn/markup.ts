/** The markup of running text, read without drawing it. */
import { GLOSSARY, inSentence, isTerm, type TermName } from "./glossary";
import type { Text } from "./page";

export type Part =
  | { readonly kind: "text" | "code" | "emphasis"; readonly words: string }
  | { readonly kind: "term"; readonly name: TermName; readonly words: string }
  | { readonly kind: "link"; readonly target: string; readonly words: string };

const MARKUP = /\{([^{}]+)\}|`([^`]+)`|\*([^*]+)\*|\[([^\]]+)\]\(([^)]+)\)/gu;

/** Splits a text into its parts. @throws for a term that the glossary lacks */
export function parse(text: Text): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(MARKUP)) {
    parts.push({ kind: "text", words: text.slice(end, match.index) }, marked(match));
    end = match.index + match[0].length;
  }
  return [...parts, { kind: "text" as const, words: text.slice(end) }].filter(({ words }) => words !== "");
}

/** The same without markup. */
export function plainText(text: Text): string {
  return parse(text)
    .map(({ words }) => words)
    .join("");
}

function marked([, term, code, emphasis, words = "", target = ""]: RegExpMatchArray): Part {
  if (code !== undefined) return { kind: "code", words: code };
  if (emphasis !== undefined) return { kind: "emphasis", words: emphasis };
  if (term === undefined) return { kind: "link", target, words };
  const [name = "", shown] = term.split("|");
  if (!isTerm(name)) throw new Error(`the glossary has no term "${name}"`);
  return { kind: "term", name, words: shown ?? inSentence(GLOSSARY[name].title) };
}
