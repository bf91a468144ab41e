/** The setup of a run, as stored in the form and the URL. */
import {
  ADAPTER_WISHES,
  type AdapterWish,
  adapterSettings,
  formatBase,
  formatLora,
  isAdapterWish,
  KelvinError,
  LORA_FORM,
  type LoraConfig,
  loraProblem,
  type MethodConfig,
  type MethodInfo,
  MOST_STEPS,
  overBase,
  type RunConfig,
  readLora,
  readSetting,
  SHIPPED_MODELS,
  settingProblem,
} from "../contracts";

import { modelTitle } from "./model-choice";

export interface RunSetup {
  readonly method: string;
  readonly preset: string;
  readonly model: string;
  readonly seed: number;
  readonly steps: number;
  /** Held-out tasks per type and evaluation, 0 for none; null for the preset's number. */
  readonly evaluate: number | null;
  /** Adapters to train on a frozen model; null to train all of it. */
  readonly lora: LoraConfig | null;
  /** "off": prompts ignore the model's chat template. */
  readonly chat: "on" | "off";
  /** Where to train. */
  readonly adapter: AdapterWish;
  /** Settings changed by hand, over the preset. */
  readonly overrides: MethodConfig;
  /** Texts in a link that could not be parsed; the defaults apply then. */
  readonly unread: { readonly [K in "seed" | "steps" | "evaluate" | "lora" | "chat" | "adapter"]?: string };
}

/** Preset names besides the method's: its defaults, and the one that fits the device. */
const FULL = "full";
export const AUTO = "auto";

export const DEFAULT_SETUP: RunSetup = {
  method: "azr",
  preset: AUTO,
  model: SHIPPED_MODELS[0],
  seed: 1,
  steps: 100,
  evaluate: null,
  lora: null,
  chat: "on",
  adapter: "auto",
  overrides: {},
  unread: {},
};

/** Held-out tasks per type, and how often: a curve soon, but less time for evaluation than for training. */
const EVALUATE = { full: { evaluateTasks: 100, evaluateEvery: 10 }, small: { evaluateTasks: 24, evaluateEvery: 5 } };

/** Reads a link; missing values come from `base`. Settings stay texts until the methods are known. */
export function readSetup(search: string, base: RunSetup = DEFAULT_SETUP): RunSetup {
  const {
    method,
    preset,
    model,
    seed,
    steps,
    evaluate,
    lora,
    base: precision,
    chat,
    adapter,
    ...rest
  } = Object.fromEntries(new URLSearchParams(search));
  const adapters = isLora(lora) ? readLora(lora) : base.lora;
  const overrides = Object.entries(rest).filter(([key]) => key.startsWith("set."));
  return {
    method: method ?? base.method,
    preset: preset ?? base.preset,
    model: model ?? base.model,
    seed: natural(seed) ?? base.seed,
    // steps=0 is invalid.
    steps: stepsIn(steps) ?? base.steps,
    evaluate: natural(evaluate) ?? base.evaluate,
    lora: adapters && precision !== undefined ? overBase(adapters, precision) : adapters,
    chat: isSwitch(chat) ? chat : base.chat,
    adapter: isAdapterWish(adapter) ? adapter : base.adapter,
    overrides: Object.fromEntries(overrides.map(([key, text]) => [key.slice("set.".length), text])),
    unread: {
      ...(seed !== undefined && natural(seed) === null && { seed }),
      ...(steps !== undefined && stepsIn(steps) === null && { steps }),
      ...(evaluate !== undefined && natural(evaluate) === null && { evaluate }),
      ...(lora !== undefined && !isLora(lora) && { lora }),
      ...(chat !== undefined && !isSwitch(chat) && { chat }),
      ...(adapter !== undefined && !isAdapterWish(adapter) && { adapter }),
    },
  };
}

/** The link of a setup; defaults are left out to keep it short. */
export function writeSetup(setup: RunSetup): string {
  const query = new URLSearchParams();
  query.set("method", setup.method);
  if (setup.preset !== AUTO) query.set("preset", setup.preset);
  if (setup.model !== DEFAULT_SETUP.model) query.set("model", setup.model);
  query.set("seed", String(setup.seed));
  if (setup.steps !== DEFAULT_SETUP.steps) query.set("steps", String(setup.steps));
  if (setup.evaluate !== null) query.set("evaluate", String(setup.evaluate));
  if (setup.lora) query.set("lora", formatLora(setup.lora));
  const precision = setup.lora && formatBase(setup.lora);
  if (precision) query.set("base", precision);
  if (setup.chat === "off") query.set("chat", "off");
  if (setup.adapter !== DEFAULT_SETUP.adapter) query.set("adapter", setup.adapter);
  for (const [key, value] of Object.entries(setup.overrides)) query.set(`set.${key}`, String(value));
  for (const [key, text] of Object.entries(setup.unread)) query.set(key, text);
  return `?${query}`;
}

/** The configuration for the worker. */
export function runConfig(setup: RunSetup, methods: readonly MethodInfo[]): RunConfig {
  const known = methods.find(({ name }) => name === setup.method);
  const { method, model, seed, steps } = setup;
  const evaluate = setup.preset === "small" ? EVALUATE.small : EVALUATE.full;
  const evaluateTasks = setup.evaluate ?? evaluate.evaluateTasks;
  return {
    method,
    model,
    seed,
    steps,
    overrides: { ...(known && standardOverrides(setup, known)), ...setup.overrides },
    ...evaluate,
    evaluateTasks,
    ...(setup.lora && { lora: setup.lora }),
    ...(setup.chat === "off" && { chat: "off" }),
  };
}

/** All settings without the visitor's changes. */
export function standardSettings(setup: RunSetup, method: MethodInfo): MethodConfig {
  return { ...method.defaults, ...standardOverrides(setup, method) };
}

/** Changes to a method's defaults by the preset and by training adapters only. */
function standardOverrides({ preset, lora }: RunSetup, { defaults, presets }: MethodInfo): MethodConfig {
  const chosen = presets[preset] ?? {};
  return { ...chosen, ...(lora && adapterSettings({ ...defaults, ...chosen })) };
}

/** The setup of an earlier run, from a file or this device. */
export function setupOf({ method, model, seed, steps, overrides, evaluateTasks, lora, chat }: RunConfig): RunSetup {
  return {
    ...DEFAULT_SETUP,
    ...{ method, preset: FULL, model, seed, steps, evaluate: evaluateTasks, lora: lora ?? null, overrides },
    chat: chat ?? "on",
  };
}

/**
 * The same run with the preset that needs the fewest changes, so that its link is short and the form marks what is unusual.
 * Unchanged if its method is unknown.
 */
export function shortest(setup: RunSetup, methods: readonly MethodInfo[]): RunSetup {
  const method = methods.find(({ name }) => name === setup.method);
  if (!method) return setup;
  const settings = Object.entries({ ...standardSettings({ ...setup, overrides: {} }, method), ...setup.overrides });
  const sayings = presetsOf(method).map((preset) => {
    const standard = standardSettings({ ...setup, preset, overrides: {} }, method);
    const overrides = Object.fromEntries(settings.filter(([key, value]) => standard[key] !== value));
    const { evaluateTasks } = preset === "small" ? EVALUATE.small : EVALUATE.full;
    return { ...setup, preset, overrides, evaluate: setup.evaluate === evaluateTasks ? null : setup.evaluate };
  });
  return sayings.reduce((best, one) =>
    Object.keys(one.overrides).length < Object.keys(best.overrides).length ? one : best,
  );
}

/** A run's initial name in the list. */
export function runName({ method, model, seed }: RunSetup, methods: readonly MethodInfo[]): string {
  const title = methods.find(({ name }) => name === method)?.title ?? method;
  return `${title} on ${modelTitle(model)}, seed ${seed}`;
}

/**
 * Checks a setup against the known methods. The message says what is wrong.
 * @throws KelvinError "input" for an unknown method, preset or setting, a setting of the wrong type, or text that is not a
 * number.
 */
export function checkSetup(setup: RunSetup, methods: readonly MethodInfo[]): void {
  for (const [key, text] of Object.entries(setup.unread)) refuse(key, text);
  const method = methods.find(({ name }) => name === setup.method);
  const known = methods.map(({ name }) => name).join(", ");
  if (!method) throw new KelvinError("input", `There is no method “${setup.method}”.`, `Methods: ${known}.`);
  if (!presetsOf(method).includes(setup.preset)) {
    throw new KelvinError(
      "input",
      `${method.title} has no preset “${setup.preset}”.`,
      `Presets: ${presetsOf(method).join(", ")}.`,
    );
  }
  for (const [key, value] of Object.entries(setup.overrides)) checkSetting(method, key, value);
  if (setup.lora) checkLora(setup.lora);
}

/** The model for another method: the shipped one that it needs. A model that the visitor chose stays. */
export function modelFor(method: string, setup: RunSetup, methods: readonly MethodInfo[]): string {
  const needed = (name: string) => methods.find((one) => one.name === name)?.model ?? DEFAULT_SETUP.model;
  return setup.model === needed(setup.method) ? needed(method) : setup.model;
}

/** The error in a setup, for display; null if missing, or the methods are not known yet. */
export function complaintAbout(setup: RunSetup, methods: readonly MethodInfo[]): Complaint | null {
  if (methods.length === 0) return null;
  try {
    checkSetup(setup, methods);
    return null;
  } catch (error) {
    // A wrong link is bad input, not a mistake of the page.
    if (!(error instanceof KelvinError)) throw error;
    return { reason: "config", message: error.message, hint: error.hint };
  }
}

interface Complaint {
  readonly reason: "config";
  readonly message: string;
  readonly hint: string;
}

/** The presets of a method; the first is its defaults. */
export function presetsOf(method: MethodInfo): string[] {
  return [FULL, ...Object.keys(method.presets)];
}

/** Completes a setup once methods and device are known: the model that the method needs, types of its settings, the fitting preset. */
export function settleSetup(setup: RunSetup, methods: readonly MethodInfo[], software: boolean): RunSetup {
  const method = methods.find(({ name }) => name === setup.method);
  const preset = setup.preset === AUTO ? fittingPreset(method, software) : setup.preset;
  if (!method) return { ...setup, preset };
  const model = setup.model === DEFAULT_SETUP.model ? (method.model ?? setup.model) : setup.model;
  return { ...setup, preset, model, overrides: readOverrides(setup.overrides, method) };
}

/** The small preset on a software adapter. */
function fittingPreset(method: MethodInfo | undefined, software: boolean): string {
  return software && method && Object.hasOwn(method.presets, "small") ? "small" : FULL;
}

/** Parses each setting by the type of the method's default; a link contains texts. */
function readOverrides(overrides: MethodConfig, { defaults }: MethodInfo): MethodConfig {
  const read = (key: string, value: MethodConfig[string]) =>
    typeof value === "string" ? readSetting(value, defaults[key]) : value;
  return Object.fromEntries(Object.entries(overrides).map(([key, value]) => [key, read(key, value)]));
}

function refuse(key: string, text: string): never {
  if (key === "lora") throw new KelvinError("input", `“lora=${text}” names no adapters.`, `Adapters: ${LORA_FORM}.`);
  if (key === "chat")
    throw new KelvinError("input", `“chat=${text}” is neither on nor off.`, "Off leaves prompts as they are.");
  if (key === "adapter")
    throw new KelvinError("input", `“adapter=${text}” names no adapter.`, `Adapters: ${ADAPTER_WISHES.join(", ")}.`);
  const [least, most] = key === "steps" ? [1, MOST_STEPS] : [0, 999_999_999];
  throw new KelvinError(
    "input",
    `“${key}=${text}” must be a whole number from ${least} to ${most}.`,
    "Settings has a field for it.",
  );
}

function isSwitch(text: string | undefined): text is "on" | "off" {
  return text === "on" || text === "off";
}

function isLora(text: string | undefined): text is string {
  return text !== undefined && loraProblem(readLora(text)) === null;
}

function checkLora(lora: LoraConfig): void {
  const { base, ...adapters } = lora;
  if (loraProblem(adapters))
    throw new KelvinError("input", `“lora=${formatLora(lora)}” names no adapters.`, `Adapters: ${LORA_FORM}.`);
  const problem = loraProblem(lora);
  if (problem) throw new KelvinError("input", `“base=${base}” is not a precision.`, `Either ${problem.hint}.`);
}

function checkSetting(method: MethodInfo, key: string, value: MethodConfig[string]): void {
  const problem = settingProblem(method, key, value);
  if (problem === null) return;
  const hint = Object.hasOwn(method.defaults, key)
    ? `Default: ${method.defaults[key]}.`
    : `Settings: ${Object.keys(method.defaults).join(", ")}.`;
  throw new KelvinError("input", `${method.title}: ${problem}.`, hint);
}

/** null for text that is not a number of steps. */
function stepsIn(text: string | undefined): number | null {
  const steps = natural(text) ?? 0;
  return steps >= 1 && steps <= MOST_STEPS ? steps : null;
}

/** null for text that is not an integer, or that is implausibly long. */
function natural(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/u.test(text) ? Number(text) : null;
}
