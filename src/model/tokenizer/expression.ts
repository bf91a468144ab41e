/**
 * Regular expressions of a `tokenizer.json`, in the part of Oniguruma's language that tokenizers use. They come from strangers, so
 * they run on our own matcher, which counts its steps: one that backtracks for ever is refused, on every machine alike.
 */
import { type CharacterSet, except, only } from "./character-sets";
import { parseEscape, parseSet } from "./expression-sets";
import { refuse, shown } from "./part";

/** A parsed expression. */
export type Expression =
  | { readonly kind: "character"; readonly set: CharacterSet }
  | { readonly kind: "sequence"; readonly items: readonly Expression[] }
  | { readonly kind: "choice"; readonly options: readonly Expression[] }
  | {
      readonly kind: "repeat";
      readonly item: Expression;
      readonly least: number;
      readonly most: number;
      readonly mode: "greedy" | "lazy" | "possessive";
    }
  | { readonly kind: "look"; readonly item: Expression; readonly behind: number; readonly wanted: boolean }
  | { readonly kind: "atomic"; readonly item: Expression };

/** Groups in groups; real expressions have two or three. */
const DEEPEST = 50;
/** More copies of one item than any tokenizer asks for. */
const MOST_REPEATS = 1000;

/** @throws KelvinError "model" for what this part of the language does not have */
export function parseExpression(source: string, path: string): Expression {
  const parser = new Parser(source, path);
  const expression = parser.choice(false, 0);
  if (!parser.atEnd) parser.refuse("has a ) too many");
  if (isNullable(expression)) parser.refuse("may match nothing");
  return expression;
}

/** Text of an expression, read from left to right. */
export class Reader {
  private at = 0;

  constructor(
    private readonly source: string,
    private readonly path: string,
  ) {}

  get atEnd(): boolean {
    return this.at >= this.source.length;
  }

  /** Whether `text` comes next; it is taken then. */
  take(text: string): boolean {
    const found = this.source.startsWith(text, this.at);
    if (found) this.at += text.length;
    return found;
  }

  sees(text: string): boolean {
    return this.source.startsWith(text, this.at);
  }

  /** What a sticky expression matches here, taken. */
  match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.at;
    const found = expression.exec(this.source);
    if (found) this.at += found[0].length;
    return found;
  }

  next(): string {
    if (this.atEnd) this.refuse("ends too early");
    const character = String.fromCodePoint(this.source.codePointAt(this.at) as number);
    this.at += character.length;
    return character;
  }

  refuse(why: string): never {
    return refuse(`the expression ${shown(this.source)} of ${this.path} ${why}`);
  }
}

class Parser extends Reader {
  choice(folded: boolean, depth: number): Expression {
    if (depth > DEEPEST) this.refuse("has too many groups in groups");
    const options = [this.sequence(folded, depth)];
    while (this.take("|")) options.push(this.sequence(folded, depth));
    return options.length === 1 ? (options[0] as Expression) : { kind: "choice", options };
  }

  private sequence(folded: boolean, depth: number): Expression {
    const items: Expression[] = [];
    while (!this.atEnd && !this.sees("|") && !this.sees(")")) items.push(this.repeated(this.item(folded, depth)));
    return { kind: "sequence", items };
  }

  private item(folded: boolean, depth: number): Expression {
    if (this.take("(")) return this.group(folded, depth + 1);
    if (this.sees("[")) {
      if (folded) this.refuse("has a set without regard to case, which is not supported");
      return { kind: "character", set: parseSet(this) };
    }
    if (this.take("\\")) return { kind: "character", set: parseEscape(this).set };
    if (this.take(".")) return { kind: "character", set: except(only("\n")) };
    const refused = /[\^$*+?{]/y;
    if (this.match(refused)) this.refuse("has an anchor, or repeats nothing, which is not supported");
    // Without regard to case two letters may equal one, as ss does ß.
    if (folded && this.match(/(?=s[st]|f[fil])/iy)) this.refuse(FOLDED_PAIR);
    return { kind: "character", set: this.literal(this.next(), folded) };
  }

  private literal(character: string, folded: boolean): CharacterSet {
    if (!folded) return only(character);
    if (character > "\x7f") this.refuse("ignores the case of letters beyond ASCII, which is not supported");
    const expression = new RegExp(`^[\\u{${hex(character)}}]$`, "iu");
    return (code) => expression.test(String.fromCodePoint(code));
  }

  private group(folded: boolean, depth: number): Expression {
    const look = this.match(/\?(<?)([=!])/y);
    const atomic = !look && this.take("?>");
    const folds = !look && !atomic && this.take("?i:");
    if (!look && !atomic && !folds && !this.take("?:") && this.sees("?"))
      this.refuse("has a group that is not supported");
    const item = this.choice(folded || folds, depth);
    if (!this.take(")")) this.refuse("has a ( too many");
    if (atomic) return { kind: "atomic", item };
    if (!look) return item;
    const behind = look[1] === "<" ? (widthOf(item) ?? this.refuse("looks back over a varying width")) : 0;
    return { kind: "look", item, behind: look[1] === "<" ? behind : -1, wanted: look[2] === "=" };
  }

  private repeated(item: Expression): Expression {
    const found = this.match(/(?:([*+?])([+?]?)|\{(\d{1,6})?(?:(,)(\d{1,6})?)?\})/y);
    if (!found) return item;
    if (item.kind === "look") this.refuse("repeats what it only looks at");
    if (this.match(/[*+?{]/y)) this.refuse("repeats what is repeated, which is not supported");
    const [, sign, how, low, comma, high] = found;
    if (sign !== undefined) {
      const mode = how === "+" ? "possessive" : how === "?" ? "lazy" : "greedy";
      return { kind: "repeat", item, least: sign === "+" ? 1 : 0, most: sign === "?" ? 1 : Infinity, mode };
    }
    if (low === undefined && high === undefined) this.refuse("has a { that is not supported");
    const least = Number(low ?? 0);
    const most = high !== undefined ? Number(high) : comma ? Infinity : least;
    if (most < least || least > MOST_REPEATS || (most !== Infinity && most > MOST_REPEATS))
      this.refuse(`repeats more than ${MOST_REPEATS} times, or fewer times than it must`);
    return { kind: "repeat", item, least, most, mode: "greedy" };
  }
}

const FOLDED_PAIR = "ignores the case of letters that may equal a single one, which is not supported";

function hex(character: string): string {
  return (character.codePointAt(0) as number).toString(16);
}

/** Whether it may match without taking a character. */
function isNullable(expression: Expression): boolean {
  switch (expression.kind) {
    case "character":
      return false;
    case "sequence":
      return expression.items.every(isNullable);
    case "choice":
      return expression.options.some(isNullable);
    case "repeat":
      return expression.least === 0 || isNullable(expression.item);
    case "look":
      return true;
    case "atomic":
      return isNullable(expression.item);
    default:
      return expression satisfies never;
  }
}

/** Characters that it always takes; null where the number varies. */
function widthOf(expression: Expression): number | null {
  switch (expression.kind) {
    case "character":
      return 1;
    case "sequence":
      return expression.items.reduce<number | null>((sum, item) => {
        const width = widthOf(item);
        return sum === null || width === null ? null : sum + width;
      }, 0);
    case "choice": {
      const [first = 0, ...others] = expression.options.map(widthOf);
      return others.every((width) => width === first) ? first : null;
    }
    case "repeat": {
      const width = widthOf(expression.item);
      return width !== null && expression.least === expression.most ? width * expression.least : null;
    }
    case "look":
      return 0;
    case "atomic":
      return widthOf(expression.item);
    default:
      return expression satisfies never;
  }
}
