/** What a method's settings may be: on the command line, in a form and in a link. */
import type { MethodConfig } from "./method";

/** Above this a count is a slip of the keyboard. */
const LARGEST_COUNT = 4096;

interface Settable {
  readonly defaults: MethodConfig;
  readonly choices?: { readonly [key: string]: readonly string[] | undefined };
}

/**
 * Why a setting may not be that, in one clause; null where it may: an unknown key, a value of another type, a fraction or a
 * negative number where a count is meant, or a word that is not among the choices.
 */
export function settingProblem(
  { defaults, choices = {} }: Settable,
  key: string,
  value: MethodConfig[string],
): string | null {
  const usual = Object.hasOwn(defaults, key) ? defaults[key] : undefined;
  if (usual === undefined) return `there is no setting "${key}"`;
  if (typeof value !== typeof usual) return `${key} must be a ${typeof usual}, not ${JSON.stringify(value)}`;
  if (typeof value === "number") return numberProblem(key, value, Number(usual));
  const words = choices[key];
  return words && !words.includes(String(value)) ? `${key} must be one of ${words.join(", ")}` : null;
}

/**
 * What a text says of a setting: `usual`, its default, tells the kind. A text that says nothing of that kind is returned as
 * it is, for `settingProblem` to name it.
 */
export function readSetting(text: string, usual: MethodConfig[string] | undefined): MethodConfig[string] {
  if (typeof usual === "boolean" && (text === "true" || text === "false")) return text === "true";
  return typeof usual === "number" && text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** A setting whose default is whole and above 1 is a count; sampling at temperature 0 would not explore. */
function numberProblem(key: string, value: number, usual: number): string | null {
  if (!Number.isFinite(value) || value < 0) return `${key} must be a number that is not negative`;
  if (key === "temperature" && value < 0.1) return `${key} must be at least 0.1`;
  if (!Number.isInteger(usual) || usual <= 1) return null;
  return Number.isInteger(value) && value <= LARGEST_COUNT
    ? null
    : `${key} must be a whole number up to ${LARGEST_COUNT}`;
}
