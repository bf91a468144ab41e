/** The command that repeats a run, from the start of its log. */
import { formatBase, formatLora, type Json, type LoraConfig, mostMeasured } from "../contracts";
import type { Evaluation, RunHeader } from "../telemetry/state";

/**
 * Names all settings of the method, so that another version's defaults change nothing, and the suites, because proposals of their
 * programs are refused. The examples that a person gave are not in the log; they are named as the file that the page saves.
 */
export function commandOf(header: RunHeader, evaluations: readonly Evaluation[]): string {
  const { method, model, seed, steps, config, lora, pairs } = header;
  const settings =
    typeof config === "object" && config !== null && !Array.isArray(config) ? Object.entries(config) : [];
  const words = [
    ...["npm", "run", "train", "--", method, "--model", model.name, "--seed", `${seed}`, "--steps", `${steps}`],
    ...(lora ? adapterOptions(lora) : []),
    ...(pairs ? ["--pairs", "your-pairs.jsonl"] : []),
    ...(model.chat === "off" ? ["--chat", "off"] : []),
    ...measuring(evaluations),
    ...settings.flatMap(([key, value]) => ["--set", `${key}=${textOf(value)}`]),
  ];
  return words.map(quoted).join(" ");
}

function adapterOptions(lora: LoraConfig): string[] {
  const base = formatBase(lora);
  return ["--lora", formatLora(lora), ...(base ? ["--base", base] : [])];
}

/** Suite of the visitor's own tasks; it exists on this device only. */
const OWN_TASKS = "your-tasks";

function measuring(evaluations: readonly Evaluation[]): string[] {
  const tasks = mostMeasured(evaluations[0]?.measures ?? []);
  const every = evaluations.find(({ step }) => step > 0)?.step ?? 0;
  const suites = new Set(evaluations.map(({ suite }) => suite).filter((suite) => suite !== OWN_TASKS));
  return [
    ...["--evaluate-tasks", `${tasks}`, "--evaluate-every", `${every}`],
    ...[...suites].flatMap((suite) => ["--suite", suite]),
  ];
}

function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Quotes a word for a shell if needed. Every word comes from a log. */
function quoted(word: string): string {
  if (/^[\w.,:+/-][\w.,:=+/-]*$/u.test(word)) return word;
  // A terminal acts on control characters while they are pasted, whatever quotes are round them.
  if (/(?![\n\t])\p{Cc}/u.test(word)) return `$'${escaped(word)}'`;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function escaped(word: string): string {
  const hex = (control: string) => `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`;
  return word.replaceAll(/['\\]/gu, "\\$&").replaceAll(/\p{Cc}/gu, hex);
}
