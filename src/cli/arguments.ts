import { parseArgs } from "node:util";
import { KelvinError, type LoraConfig, overBase } from "../contracts";
import { MOST_WORKERS } from "../cpu/adapter";

/** Options of a command: a flag, a value, or a value that may be repeated. */
export type OptionKinds = { readonly [name: string]: "flag" | "value" | "values" };

/** A parsed command line; options by their name without dashes. */
export interface Arguments {
  readonly positionals: readonly string[];
  flag(name: string): boolean;
  value(name: string): string | undefined;
  values(name: string): readonly string[];
  /** One of `words`; `usual` if the option is absent. */
  choice<T extends string>(name: string, words: readonly T[], usual: T): T;
  /** An integer from `least` to `most`; `usual` if the option is absent. */
  count(name: string, usual: number, least: number, most?: number): number;
  /** Any number; NaN for text that is not one. */
  number(name: string): number | undefined;
}

/** Thrown for `--help`; carries the command's usage. */
export class HelpWanted {
  constructor(readonly usage: string) {}
}

/**
 * Parses a command line.
 * @throws HelpWanted for --help
 * @throws KelvinError "input" with the usage for an unknown option or a bad value
 */
export function readArguments(argv: readonly string[], kinds: OptionKinds, usage: string): Arguments {
  const options = Object.fromEntries(Object.entries(kinds).map(([name, kind]) => [name, optionOf(kind)]));
  if (argv.includes("--help")) throw new HelpWanted(usage);
  const broken = argv.find((argument) => argument.includes("\0"));
  if (broken !== undefined) throw new KelvinError("input", `${JSON.stringify(broken)} has a NUL in it`, usage);
  const { positionals, values } = parse(argv, options, usage);
  const value = (name: string): string | undefined => stringOf(values[name]);
  return {
    positionals,
    flag: (name) => values[name] === true,
    value,
    values: (name) => (Array.isArray(values[name]) ? values[name].map(String) : []),
    choice: (name, words, usual) => choiceOf(name, value(name) ?? usual, words),
    count: (name, usual, least, most) => countOf(name, value(name), usual, least, most),
    number: (name) => numberOf(value(name)),
  };
}

/** For commands with options only. @throws KelvinError "input" that names the surplus argument, with the usage */
export function refusePositionals({ positionals }: Arguments, usage: string): void {
  if (positionals.length > 0) throw new KelvinError("input", `unexpected ${positionals[0]}`, usage);
}

/**
 * Adds the precision of `--base` (f32 or f16) to the adapters.
 * @throws KelvinError "input" for another word, or without adapters
 */
export function overChosenBase(options: Arguments, lora: LoraConfig | null): LoraConfig | null {
  if (options.value("base") === undefined) return lora;
  const base = options.choice("base", ["f32", "f16"], "f32");
  if (lora) return overBase(lora, base);
  throw new KelvinError("input", `--base ${base} without adapters`, "only weights beside adapters may be held as f16");
}

/** Whether `--chat off` is given. @throws KelvinError "input" for any word but "on" and "off" */
export function withoutChat(options: Arguments): boolean {
  return options.choice("chat", ["on", "off"], "on") === "off";
}

/**
 * Workers of the CPU engine that `--workers` asks for.
 * @param usual without the option
 */
export function workersOf(options: Arguments, usual: number): number {
  return options.count("workers", usual, 1, MOST_WORKERS);
}

/** Printed if the model's chat template is used. */
export const CHAT_NOTICE = "prompts go through the model's chat template; --chat off leaves them as they are";

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
    // Node's message for an unknown option is long; its first sentence is enough.
    const [what] = (error instanceof Error ? error.message : String(error)).split(". ");
    throw new KelvinError("input", what ?? "bad arguments", usage);
  }
}

function stringOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function choiceOf<T extends string>(name: string, text: string, words: readonly T[]): T {
  const choice = words.find((word) => word === text);
  if (choice === undefined) throw new KelvinError("input", `--${name} ${text}`, `one of ${words.join(", ")}`);
  return choice;
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return text.trim() === "" ? Number.NaN : Number(text);
}

function countOf(
  name: string,
  text: string | undefined,
  usual: number,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  if (text === undefined) return usual;
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= most && number >= least) return number;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new KelvinError("input", `--${name} ${text}`, `expected a whole number ${range}`);
}
