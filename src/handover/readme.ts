import type { RunHeader } from "../telemetry/state";
import type { HandoverSettings } from "./settings";

/** What a bundle holds besides the model. */
export interface BundleContents {
  readonly tasks: number;
  readonly heldOut: number;
  readonly adapter: boolean;
}

/** How to go on, and what does not travel. */
export function bundleReadme(
  { method, seed, model }: RunHeader,
  { samples, learning_rate: rate }: HandoverSettings,
  { tasks, heldOut, adapter }: BundleContents,
): string {
  return `# A Kelvin run, handed over

${method} on ${model.name} (${model.parameters.toLocaleString("en-US")} parameters), seed ${seed}.

    pip install trl && python trl_run.py --steps 45     # TRL: one machine, with or without a GPU
    ./verl.sh                                           # verl 0.7.1 or later: one node or a cluster

| | |
|---|---|
| \`model/\` | the trained model in Hugging Face's layout, with tokenizer and chat template |${adapter ? "\n| `adapter/` | what was trained, as a PEFT adapter; `model/` already contains it |" : ""}
| \`tasks/train.jsonl\` | ${tasks} tasks that the run had, in verl's columns |
| \`tasks/held-out.jsonl\` | ${heldOut} tasks that it was measured on and never trained on |
| \`reward/\` | Kelvin's parsing, comparison and rewards: 1 right, -0.5 wrong, -1 unreadable |
| \`settings.json\` | ${samples} answers per task, learning rate ${rate}, and the rest |

Only \`<pad>\` and \`<eos>\` are special tokens here, because trainers decode without special tokens and an answer needs the others.

What does not travel: the optimizer's moments, random numbers, and the proposer (here the tasks are fixed). A program that ours stops
by its count of steps is stopped here by the clock, after three seconds. verl does not say whether an answer ended by itself; what was
cut counts as ended. Programs run in limited processes, which is no jail.

Come back: Kelvin loads the trained folder, or a PEFT adapter beside its base (\`npm run evaluate -- --model DIR\`).
`;
}
