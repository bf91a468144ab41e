import { type ParseArgsConfig, parseArgs } from "node:util";
import { KelvinError } from "../contracts";

/**
 * Options and positional arguments of a command, by Node's own rules (`--steps 5`, `--steps=5`, `--json`, `--` before
 * values that start with a dash). Options that may be repeated have `multiple: true`.
 * @throws KelvinError "input" with the usage, for an unknown option, a missing value or one too many
 */
export function readOptions<const T extends NonNullable<ParseArgsConfig["options"]>>(
  argv: readonly string[],
  options: T,
  usage: string,
) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new KelvinError("input", firstSentence(error), `usage: ${usage}`);
  }
}

/**
 * A whole number from an option's text.
 * @throws KelvinError "input" when it is anything else or outside [least, most]
 */
export function wholeNumber(
  text: string | undefined,
  option: string,
  fallback: number,
  least = 0,
  most = 2 ** 32 - 1,
): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new KelvinError("input", `${option} is "${text}"`, `a whole number from ${least} to ${most} is needed`);
}

/** Node's message goes on with advice about its own function. */
function firstSentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split(/\.\s|\n/)[0] ?? message).replace(/\.$/, "");
}
