/** Checks settings of a method, for the command line, forms and links. */
import type { MethodConfig } from "./method";

/** A larger count is probably a typing error. */
const LARGEST_COUNT = 4096;

interface Settable {
  readonly defaults: MethodConfig;
  readonly choices?: { readonly [key: string]: readonly string[] | undefined };
}

/**
 * Why a setting is invalid, in one clause; null if it is valid. Invalid are: an unknown key, a value of another type, a fraction
 * or negative number for a count, and a word that is not among the choices.
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
 * Parses a setting's text by the type of its default `usual`. Text that does not parse is returned unchanged; `settingProblem`
 * then reports it.
 */
export function readSetting(text: string, usual: MethodConfig[string] | undefined): MethodConfig[string] {
  if (typeof usual === "boolean" && (text === "true" || text === "false")) return text === "true";
  return typeof usual === "number" && text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** A setting whose default is an integer above 1 is a count. Temperature must be above 0: at 0, sampling does not explore. */
function numberProblem(key: string, value: number, usual: number): string | null {
  if (!Number.isFinite(value) || value < 0) return `${key} must be a number that is not negative`;
  if (key === "temperature" && value < 0.1) return `${key} must be at least 0.1`;
  if (!Number.isInteger(usual) || usual <= 1) return null;
  return Number.isInteger(value) && value <= LARGEST_COUNT
    ? null
    : `${key} must be a whole number up to ${LARGEST_COUNT}`;
}
