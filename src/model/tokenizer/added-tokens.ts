/** Tokens that are found in a text before it is split. */
import { type CharacterSet, RUST_WORD, WHITE_SPACE } from "./character-sets";
import type { Normalizer } from "./normalizers";
import { type Part, refuse, shown } from "./part";
import type { SpellingModel } from "./spelling";
import { checkId } from "./vocabulary";

/** A token with a fixed text. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Matches only if no letter or digit is beside it. */
  readonly singleWord: boolean;
  /** Also takes the white space before it; `stripsRight`: after it. */
  readonly stripsLeft: boolean;
  readonly stripsRight: boolean;
  /** Searched for in the normalized text. */
  readonly normalized: boolean;
  readonly special: boolean;
}

/** A piece of text, or the token found there. */
export type Found = { readonly text: string; readonly at: number } | { readonly id: number };

/** @throws KelvinError "model" for an id that is not the one the reference library gives */
export function readAddedTokens(file: Part, model: SpellingModel, rows: number): AddedToken[] {
  const added = new Map<string, AddedToken>();
  let last = -1;
  for (const part of file.value("added_tokens") === null ? [] : file.parts("added_tokens")) {
    part.only("id content single_word lstrip rstrip normalized special");
    const token = readToken(part, rows);
    const before = added.get(token.content);
    if (token.content === "" || (before && JSON.stringify(before) === JSON.stringify(token))) continue;
    if (before) refuse(`${part.path} names ${shown(token.content)} a second time`);
    // The reference library numbers tokens itself and ignores the file's ids.
    const id = model.vocabulary.get(token.content) ?? Math.max(model.size, last + 1);
    if (id !== token.id) refuse(`the id of ${shown(token.content)} is ${token.id}, but its place is ${id}`);
    last = Math.max(last, id);
    added.set(token.content, token);
  }
  return [...added.values()];
}

function readToken(part: Part, rows: number): AddedToken {
  const content = part.text("content");
  const id = part.value("id");
  checkId(content, id, rows);
  const special = part.flag("special");
  return {
    ...{ id, content, special, normalized: part.flag("normalized") },
    singleWord: part.flag("single_word"),
    stripsLeft: part.flag("lstrip"),
    stripsRight: part.flag("rstrip"),
  };
}

interface Node {
  readonly next: Map<string, Node>;
  token: AddedToken | null;
}

/** Finds tokens in a text: the leftmost first, and of those at one place the longest. */
export class TokenFinder {
  private readonly root: Node = { next: new Map(), token: null };
  private readonly isEmpty: boolean;

  /** @param normalize what the tokens' own text goes through */
  constructor(tokens: readonly AddedToken[], normalize: Normalizer = (text) => text) {
    this.isEmpty = tokens.length === 0;
    for (const token of tokens) {
      const text = normalize(token.content);
      if (text === "") refuse(`nothing is left of the token ${shown(token.content)} once it is normalized`);
      let node = this.root;
      for (const unit of text) {
        const child = node.next.get(unit) ?? { next: new Map(), token: null };
        node.next.set(unit, child);
        node = child;
      }
      if (node.token)
        refuse(`the tokens ${shown(node.token.content)} and ${shown(token.content)} are one once they are normalized`);
      node.token = token;
    }
  }

  /** The text in pieces; `at` counts UTF-16 units from its start. */
  find(text: string): Found[] {
    if (this.isEmpty) return [{ text, at: 0 }];
    const found: Found[] = [];
    let done = 0;
    const leave = (end: number): void => {
      if (done < end) found.push({ text: text.slice(done, end), at: done });
    };
    for (let at = 0; at < text.length; ) {
      const match = this.at(text, at);
      if (!match) {
        at += (text.codePointAt(at) as number) > 0xffff ? 2 : 1;
        continue;
      }
      const { token, end } = match;
      if (!token.singleWord || isAlone(text, at, end)) {
        const start = token.stripsLeft ? Math.max(done, spacesBefore(text, at)) : at;
        leave(start);
        done = token.stripsRight ? spacesAfter(text, end) : end;
        // An earlier token may have taken the white space before this one.
        if (start < done) found.push({ id: token.id });
      }
      at = end;
    }
    leave(text.length);
    return found;
  }

  private at(text: string, start: number): { token: AddedToken; end: number } | null {
    let best: { token: AddedToken; end: number } | null = null;
    let node: Node | undefined = this.root;
    for (let end = start; end < text.length; ) {
      const unit = String.fromCodePoint(text.codePointAt(end) as number);
      node = node.next.get(unit);
      if (!node) break;
      end += unit.length;
      if (node.token) best = { token: node.token, end };
    }
    return best;
  }
}

function isAlone(text: string, start: number, end: number): boolean {
  return !isIn(RUST_WORD, codeBefore(text, start)) && !isIn(RUST_WORD, text.codePointAt(end));
}

function isIn(set: CharacterSet, code: number | undefined): boolean {
  return code !== undefined && set(code);
}

function codeBefore(text: string, end: number): number | undefined {
  const low = text.charCodeAt(end - 1);
  return end < 1 ? undefined : text.codePointAt(low >= 0xdc00 && low < 0xe000 && end > 1 ? end - 2 : end - 1);
}

/** All white space lies in the first plane: one unit each. */
function spacesBefore(text: string, end: number): number {
  let start = end;
  while (start > 0 && WHITE_SPACE(text.charCodeAt(start - 1))) start--;
  return start;
}

function spacesAfter(text: string, start: number): number {
  let end = start;
  while (end < text.length && WHITE_SPACE(text.charCodeAt(end))) end++;
  return end;
}
