/** The filter `tojson` as transformers defines it: Python's `json.dumps` with `ensure_ascii` off. */
import {
  Float,
  fault,
  floatText,
  isDictionary,
  isList,
  isTrue,
  itemsOf,
  Namespace,
  print,
  Tuple,
  typeOf,
  type Value,
} from "./values";

interface Style {
  readonly indent: string | null;
  readonly item: string;
  readonly key: string;
  readonly sorts: boolean;
  readonly ascii: boolean;
}

const OPTIONS: ReadonlySet<string> = new Set(["ensure_ascii", "indent", "separators", "sort_keys"]);

/** @param args in the order of transformers' filter */
export function toJson(value: Value, args: readonly Value[], named: ReadonlyMap<string, Value>): string {
  const other = [...named.keys()].find((name) => !OPTIONS.has(name));
  if (other !== undefined || args.length > 4) fault(`tojson has no option ${other ?? "so many"}`);
  const option = (at: number, name: string): Value => args[at] ?? named.get(name) ?? null;
  const indent = option(1, "indent");
  const separators = option(2, "separators");
  const [item, key] = separators === null ? [indent === null ? ", " : ",", ": "] : itemsOf(separators).map(print);
  return write(value, "\n", {
    ...{ item: item ?? fault("separators are not two"), key: key ?? fault("separators are not two") },
    indent: indent === null ? null : indentOf(indent),
    sorts: isTrue(option(3, "sort_keys")),
    ascii: isTrue(option(0, "ensure_ascii")),
  });
}

function indentOf(indent: Value): string {
  if (typeof indent === "string") return indent;
  if (typeof indent !== "number" || indent > 100) fault("an indent is no small number");
  return " ".repeat(Math.max(0, indent as number));
}

function write(value: Value, line: string, style: Style): string {
  if (value === null) return "null";
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") return String(value);
  if (value instanceof Float) return floatText(value.value);
  if (typeof value === "string") return text(value, style);
  const inner = style.indent === null ? "" : line + style.indent;
  const wrap = (open: string, parts: readonly string[], close: string): string => {
    if (parts.length === 0) return open + close;
    return open + inner + parts.join(style.item + inner) + (style.indent === null ? "" : line) + close;
  };
  if (isList(value) || value instanceof Tuple)
    return wrap(
      "[",
      itemsOf(value).map((one) => write(one, inner, style)),
      "]",
    );
  if (!isDictionary(value) || value instanceof Namespace) return fault(`a ${typeOf(value)} is no JSON`);
  const entries = [...value].map(([key, one]): [string, Value] => [
    typeof key === "string" ? key : fault("a key is no text"),
    one,
  ]);
  if (style.sorts) entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return wrap(
    "{",
    entries.map(([key, one]) => text(key, style) + style.key + write(one, inner, style)),
    "}",
  );
}

function text(value: string, { ascii }: Style): string {
  const written = JSON.stringify(value);
  if (!ascii) return written;
  return written.replaceAll(/[\x7f-\uffff]/g, (unit) =>
    unit === "\x7f" ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
