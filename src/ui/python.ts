/** Kinds of syntax, for highlighting. */
type SyntaxKind = "keyword" | "number" | "builtin" | "value" | "punctuation" | "plain";

/** A run of characters of one kind. */
export interface SyntaxSpan {
  readonly kind: SyntaxKind;
  readonly text: string;
}

const KEYWORDS =
  "def|return|if|elif|else|for|while|in|not|and|or|is|lambda|None|True|False|pass|break|continue|import|from";
const BUILTINS =
  "sum|len|max|min|sorted|abs|range|int|str|list|dict|set|tuple|bool|float|print|enumerate|zip|map|reversed";
const TOKEN = new RegExp(
  [
    `(?<keyword>\\b(?:${KEYWORDS})\\b)`,
    `(?<builtin>\\b(?:${BUILTINS})\\b(?=\\())`,
    "(?<number>\\b\\d+(?:\\.\\d+)?\\b)",
    "(?<value>#[^\\n]*|'[^'\\n]*'|\"[^\"\\n]*\")",
    "(?<punctuation>[-+*/%=<>()\\[\\]{},;:.!&|^~@]+)",
    "(?<plain>\\s+|\\w+|.)",
  ].join("|"),
  "gsu",
);

/** Splits Python source into spans; their texts joined give the source. */
export function highlight(source: string): SyntaxSpan[] {
  return [...source.matchAll(TOKEN)].map((match) => ({ kind: kindOf(match.groups), text: match[0] }));
}

function kindOf(groups: Readonly<Record<string, string | undefined>> | undefined): SyntaxKind {
  const found = Object.entries(groups ?? {}).find(([, text]) => text !== undefined);
  return (found?.[0] ?? "plain") as SyntaxKind;
}
