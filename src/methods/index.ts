import {
  displayOf,
  KelvinError,
  type Method,
  type MethodConfig,
  type MethodInfo,
  readSetting,
  settingProblem,
} from "../contracts";
import { azr } from "./azr";
import { grm } from "./grm";
import { ladder } from "./ladder";
import { oneShot } from "./one-shot";
import { rlaif } from "./rlaif";
import { rlhf } from "./rlhf";
import { rlvr } from "./rlvr";
import { sft } from "./sft";
import { ttrl } from "./ttrl";

/** All methods. A new one needs its file, one line here and a test. */
export const METHODS: readonly Method[] = [azr, rlvr, oneShot, ttrl, sft, rlhf, ladder, grm, rlaif].map(
  (method) => method as unknown as Method,
);

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

/** A method without its functions, for the page. */
export function methodInfo(method: Method): MethodInfo {
  const { name, title, summary, defaults, describe, choices, presets, model } = method;
  return {
    name,
    title,
    summary,
    defaults,
    describe,
    ...(choices ? { choices } : {}),
    presets: presets as MethodInfo["presets"],
    ...(model && { model }),
    display: displayOf(method),
  };
}

/**
 * The method's defaults, changed by `overrides`.
 * @throws KelvinError "config" for an unknown key, a value of another type, a fraction or a negative number for a
 * count, or a word that is not among the choices.
 */
export function configure(method: Method, overrides: MethodConfig): MethodConfig {
  for (const [key, value] of Object.entries(overrides)) {
    const fault = settingProblem(method, key, value);
    if (fault)
      throw new KelvinError(
        "config",
        `${method.name}: ${fault}`,
        `settings: ${Object.keys(method.defaults).join(", ")}`,
      );
  }
  return { ...method.defaults, ...overrides };
}

/** Parses `--set key=value` by the type of the method's default. */
export function parseSetting(method: Method, text: string): MethodConfig {
  const [, key = "", value = ""] = /^([^=]+)=([\s\S]*)$/.exec(text) ?? [];
  if (key === "")
    throw new KelvinError(
      "input",
      `--set ${text} is not key=value`,
      `settings: ${Object.keys(method.defaults).join(", ")}`,
    );
  return { [key]: readSetting(value, method.defaults[key]) };
}
