/** The smallest runs in which every method, and every kind of state that a checkpoint has, takes part. */
import { join } from "node:path";
import { METHODS } from "../../methods";

/** A run of the command line. */
export interface SmallRun {
  readonly name: string;
  /** The method, and what is set. */
  readonly words: readonly string[];
}

const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  azr: ["proposals=6", "learnabilitySamples=2", "solverTasks=6", "freshTasks=2", "seedTasks=8"],
  rlvr: ["pool=12", "tasks=4", "samples=4", "updatesPerRollout=2"],
  "one-shot": ["groups=1", "samplesPerGroup=8", "candidates=8"],
  ttrl: ["pool=12", "tasks=4", "samples=4"],
  sft: ["pairs=24", "batch=8"],
  rlhf: ["choices=8", "candidates=24", "proposals=6", "samples=2"],
  ladder: ["roots=3", "depth=2", "branches=4", "tasks=4", "samples=4"],
};
const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  // Adapters have a state of their own, and a reference that takes no memory.
  "one-shot with adapters": ["one-shot", "--lora", "4", ...set(SETTINGS["one-shot"] ?? [])],
  // It rolls weights and moments back between its roots.
  "ladder at test time": [
    ...["ladder", "--model", "kelvin-nano-2", "--preset", "test-time"],
    ...set(["roots=3", "depth=2", "branches=4", "tasks=4", "samples=4", "stepsPerRoot=2"]),
  ],
};

/** One run for each method, and the variants. */
export function smallRuns(): readonly SmallRun[] {
  const methods = METHODS.map(({ name, model }) => ({
    name,
    words: [name, ...(model ? ["--model", model] : []), ...set(SETTINGS[name] ?? [])],
  }));
  return [...methods, ...Object.entries(VARIANTS).map(([name, words]) => ({ name, words }))];
}

function set(settings: readonly string[]): string[] {
  return settings.flatMap((setting) => ["--set", setting]);
}

/** Where a run lies. */
export function folderOf(root: string, { name }: SmallRun, ending: string): string {
  return join(root, `${name.replaceAll(" ", "-")}-${ending}`);
}
