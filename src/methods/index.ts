import { KelvinError, type Method, type MethodConfig, type MethodInfo } from "../contracts";
import { azr } from "./azr";
import { oneShot } from "./one-shot";

/** Every method there is: a new one is its file, one line here and a test. */
export const METHODS: readonly Method[] = [azr as unknown as Method, oneShot as unknown as Method];

/** @throws KelvinError "input" for an unknown name. */
export function findMethod(name: string): Method {
  const method = METHODS.find((known) => known.name === name);
  if (!method)
    throw new KelvinError(
      "input",
      `there is no method "${name}"`,
      `methods: ${METHODS.map((known) => known.name).join(", ")}`,
    );
  return method;
}

/** A method as the page knows it: without its functions. */
export function methodInfo({ name, title, summary, defaults, describe, choices, presets }: Method): MethodInfo {
  return {
    name,
    title,
    summary,
    defaults,
    describe,
    ...(choices ? { choices } : {}),
    presets: presets as MethodInfo["presets"],
  };
}

/**
 * The method's defaults with `overrides` laid over them.
 * @throws KelvinError "config" for an unknown key, a value of another type, a fraction or a negative number where a
 *   count is meant, or a word that is not among the choices.
 */
export function configure(method: Method, overrides: MethodConfig): MethodConfig {
  for (const [key, value] of Object.entries(overrides)) {
    const fault = settingFault(method, key, value);
    if (fault)
      throw new KelvinError(
        "config",
        `${method.name}: ${fault}`,
        `settings: ${Object.keys(method.defaults).join(", ")}`,
      );
  }
  return { ...method.defaults, ...overrides };
}

function settingFault(method: Method, key: string, value: MethodConfig[string]): string | null {
  const usual = method.defaults[key];
  if (usual === undefined || !Object.hasOwn(method.defaults, key)) return `there is no setting "${key}"`;
  if (typeof value !== typeof usual) return `${key} must be a ${typeof usual}, not ${JSON.stringify(value)}`;
  if (typeof value === "number") return numberFault(key, value, Number(usual));
  const choices = method.choices?.[key];
  return choices && !choices.includes(String(value)) ? `${key} must be one of ${choices.join(", ")}` : null;
}

/** Above this a count is a slip of the keyboard. */
const LARGEST_COUNT = 4096;

/** A setting whose default is whole and above 1 is a count; sampling at temperature 0 would not explore. */
function numberFault(key: string, value: number, usual: number): string | null {
  if (!Number.isFinite(value) || value < 0) return `${key} must be a number that is not negative`;
  if (key === "temperature" && value < 0.1) return `${key} must be at least 0.1`;
  if (!Number.isInteger(usual) || usual <= 1) return null;
  return Number.isInteger(value) && value <= LARGEST_COUNT
    ? null
    : `${key} must be a whole number up to ${LARGEST_COUNT}`;
}

/** Reads `--set key=value`, giving the value the type of the method's default. */
export function parseSetting(method: Method, text: string): MethodConfig {
  const [, key = "", value = ""] = /^([^=]+)=([\s\S]*)$/.exec(text) ?? [];
  if (key === "")
    throw new KelvinError(
      "input",
      `--set ${text} is not key=value`,
      `settings: ${Object.keys(method.defaults).join(", ")}`,
    );
  switch (typeof method.defaults[key]) {
    case "number":
      return { [key]: value.trim() === "" ? Number.NaN : Number(value) };
    case "boolean":
      return { [key]: value === "true" ? true : value === "false" ? false : value };
    default:
      return { [key]: value };
  }
}
