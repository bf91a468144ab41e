/** The command that repeats a run, from the start of its log. */
import { formatBase, formatLora, type Json, type LoraConfig } from "../contracts";
import type { Evaluation, RunHeader } from "../telemetry/state";

/**
 * Names all settings of the method, so that another version's defaults change nothing, and the suites, because proposals of their
 * programs are refused.
 */
export function commandOf(header: RunHeader, evaluations: readonly Evaluation[]): string {
  const { method, model, seed, steps, config, lora } = header;
  const settings =
    typeof config === "object" && config !== null && !Array.isArray(config) ? Object.entries(config) : [];
  return [
    `npm run train -- ${quoted(method)} --model ${quoted(model.name)} --seed ${seed} --steps ${steps}`,
    ...(lora ? adapterOptions(lora) : []),
    ...(model.chat === "off" ? ["--chat off"] : []),
    ...measuring(evaluations),
    ...settings.map(([key, value]) => `--set ${quoted(`${key}=${textOf(value)}`)}`),
  ].join(" ");
}

function adapterOptions(lora: LoraConfig): string[] {
  const base = formatBase(lora);
  return [`--lora ${formatLora(lora)}`, ...(base ? [`--base ${base}`] : [])];
}

/** Suite of the visitor's own tasks; it exists on this device only. */
const OWN_TASKS = "your-tasks";

function measuring(evaluations: readonly Evaluation[]): string[] {
  const tasks = Object.values(evaluations[0]?.result ?? {})[0]?.tasks ?? 0;
  const every = evaluations.find(({ step }) => step > 0)?.step ?? 0;
  const suites = new Set(evaluations.map(({ suite }) => suite).filter((suite) => suite !== OWN_TASKS));
  return [
    `--evaluate-tasks ${tasks} --evaluate-every ${every}`,
    ...[...suites].map((suite) => `--suite ${quoted(suite)}`),
  ];
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Quotes a word for a shell if needed. */
function quoted(word: string): string {
  return /^[\w.,:=+/-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
