/** What a run is handed over as: everything that another trainer needs to go on, in one folder. */
import { KelvinError, type Task, type TrainEvent } from "../contracts";
import { replayState } from "../telemetry/reducer";
import { GUARD } from "../verify/guard-source";
import guardProcess from "./kelvin_process.py?raw";
import reward from "./kelvin_reward.py?raw";
import { modelFolder } from "./model-folder";
import { bundleReadme } from "./readme";
import { settingsOf } from "./settings";
import { jsonLines, taskRow } from "./tasks";
import trlRun from "./trl_run.py?raw";
import { verlScript } from "./verl";

/** A run with its checkpoint. */
export interface HandoverSource {
  readonly events: readonly TrainEvent[];
  /** Of the checkpoint, by path: the model's folder, and `adapter/…` where adapters were trained. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Tasks that the run was measured on. */
  readonly heldOut: readonly Task[];
  /** Whether its prompts went through the model's chat template, if the model has one. */
  readonly withChat: boolean;
}

const ADAPTER = "adapter/";

/**
 * Files by path.
 * @throws KelvinError "input" for a log without run.start or without tasks, "model" for integrals or a damaged model
 */
export function handover({ events, files, heldOut, withChat }: HandoverSource): Map<string, Uint8Array> {
  const { header } = replayState(events);
  if (!header) throw new KelvinError("input", "The log has no run.start.", "It is not the log of a run.");
  const tasks = events.flatMap((event) => (event.type === "task.add" ? [event.task] : []));
  if (tasks.length === 0)
    throw new KelvinError("input", "The log has no tasks to go on with.", "Hand over a run that has proposed some.");
  const [model, adapter] = partsOf(files);
  const chat = withChat && hasTemplate(model);
  const context = contextOf(model);
  const settings = settingsOf(header, chat, context);
  const rows = tasks.map((task, index) => taskRow(task, index, "train", chat));
  const held = heldOut.map((task, index) => taskRow(task, index, "test", chat));
  const texts: Readonly<Record<string, string>> = {
    "README.md": bundleReadme(header, settings, {
      tasks: rows.length,
      heldOut: held.length,
      adapter: adapter.size > 0,
    }),
    "settings.json": `${JSON.stringify(settings, null, 2)}\n`,
    "tasks/train.jsonl": jsonLines(rows),
    "tasks/held-out.jsonl": jsonLines(held),
    "reward/kelvin_reward.py": reward,
    "reward/kelvin_process.py": guardProcess,
    "reward/kelvin_guard.py": GUARD,
    "trl_run.py": trlRun,
    "verl.sh": verlScript(settings),
  };
  const encoder = new TextEncoder();
  return new Map([
    ...Object.entries(texts).map(([path, text]) => [path, encoder.encode(text)] as const),
    ...[...modelFolder(model, context)].map(([name, bytes]) => [`model/${name}`, bytes] as const),
    ...adapter,
  ]);
}

type Files = ReadonlyMap<string, Uint8Array>;

/** The model's folder, and the adapter's. */
function partsOf(files: Files): [model: Files, adapter: Files] {
  const isAdapter = ([path]: readonly [string, Uint8Array]) => path.startsWith(ADAPTER);
  const all = [...files];
  return [new Map(all.filter((one) => !isAdapter(one))), new Map(all.filter(isAdapter))];
}

function hasTemplate(model: Files): boolean {
  const config = model.get("tokenizer_config.json");
  return model.has("chat_template.jinja") || new TextDecoder().decode(config).includes('"chat_template"');
}

function contextOf(model: Files): number {
  const config: unknown = JSON.parse(new TextDecoder().decode(model.get("config.json")) || "{}");
  const length = (config as Readonly<Record<string, unknown>>)["max_position_embeddings"];
  return typeof length === "number" ? length : 2048;
}
