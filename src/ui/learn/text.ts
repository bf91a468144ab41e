import { html, type TemplateResult } from "lit";
import "../elements/term";
import { learnPlace, placeLink } from "../visit";
import { type Part, parse } from "./markup";
import type { Text } from "./page";

/** Punctuation that must not begin a line. */
const CLOSING = /^[.,;:)!?]+/u;

/** Renders running text. @throws for a term that the glossary lacks */
export function rich(text: Text): (string | TemplateResult)[] {
  const parts = parse(text);
  return parts.map((part, index) => {
    const before = parts[index - 1];
    const shown = part.kind === "text" && before?.kind === "term" ? part.words.replace(CLOSING, "") : drawn(part);
    const after = parts[index + 1];
    const closing = part.kind === "term" && after?.kind === "text" ? CLOSING.exec(after.words)?.[0] : undefined;
    // Without this a full stop after a button may begin the next line.
    return closing ? html`<span style="white-space:nowrap">${shown}${closing}</span>` : shown;
  });
}

function drawn(part: Part): string | TemplateResult {
  switch (part.kind) {
    case "text":
      return part.words;
    case "code":
      return html`<code>${part.words}</code>`;
    case "emphasis":
      return html`<em>${part.words}</em>`;
    case "term":
      return html`<kelvin-term name=${part.name}>${part.words}</kelvin-term>`;
    case "link":
      return link(part.words, part.target);
    default:
      return part satisfies never;
  }
}

function link(words: string, target: string): TemplateResult {
  if (target.startsWith("https://")) return html`<a href=${target} target="_blank" rel="noreferrer">${words}</a>`;
  const [view = "", ...rest] = target.split("/");
  return placeLink(view === "learn" ? learnPlace(rest.join("/")) : { view, detail: rest.join("/") }, words);
}
