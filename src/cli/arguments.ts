import { parseArgs } from "node:util";
import { KelvinError } from "../contracts";

/** Which options a command takes: a flag, a value, or a value that may be given again. */
export type OptionKinds = { readonly [name: string]: "flag" | "value" | "values" };

export interface Arguments {
  readonly positionals: readonly string[];
  flag(name: string): boolean;
  value(name: string): string | undefined;
  values(name: string): readonly string[];
  /** A whole number of at least `least`, or `usual` when the option is absent. */
  count(name: string, usual: number, least: number): number;
}

/** Reads a command line. @throws KelvinError "input" with the usage for anything that does not belong. */
export function readArguments(argv: readonly string[], kinds: OptionKinds, usage: string): Arguments {
  const options = Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [name, optionOf(kind)]));
  const { positionals, values } = parse(argv, options, usage);
  const value = (name: string): string | undefined => stringOf(values[name]);
  return {
    positionals,
    flag: (name) => values[name] === true,
    value,
    values: (name) => (Array.isArray(values[name]) ? values[name].map(String) : []),
    count: (name, usual, least) => countOf(name, value(name), usual, least),
  };
}

function optionOf(kind: OptionKinds[string]) {
  return { type: kind === "flag" ? ("boolean" as const) : ("string" as const), multiple: kind === "values" };
}

type Parsed = Readonly<Record<string, unknown>>;

function parse(
  argv: readonly string[],
  options: NonNullable<Parameters<typeof parseArgs>[0]>["options"],
  usage: string,
) {
  try {
    const { positionals, values } = parseArgs({ args: [...argv], options, allowPositionals: true });
    return { positionals, values: values as Parsed };
  } catch (error) {
    // Node explains an unknown option at length; the first sentence says it.
    const [what] = (error instanceof Error ? error.message : String(error)).split(". ");
    throw new KelvinError("input", what ?? "bad arguments", usage);
  }
}

function stringOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function countOf(name: string, text: string | undefined, usual: number, least: number): number {
  if (text === undefined) return usual;
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= least) return number;
  throw new KelvinError("input", `--${name} ${text}`, `expected a whole number of at least ${least}`);
}
