import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { KelvinError } from "../contracts";
import type { FileParts } from "../model/safetensors";
import { DOMAINS, SIZES } from "./schedule";

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const Share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const Progress = v.object({
  seed: Count,
  updates: v.pipe(Count, v.minValue(1)),
  tokensPerUpdate: v.pipe(Count, v.minValue(1)),
  /** Updates done. */
  update: Count,
  /** Tokens seen. */
  tokens: Count,
  /** Seconds of training, over all sessions. */
  seconds: v.pipe(v.number(), v.minValue(0)),
  /** Mean loss of the last updates before this checkpoint. */
  loss: v.number(),
  adapters: v.array(v.string()),
  /** The recipe; see `Recipe`. */
  size: v.optional(v.picklist(SIZES), "nano"),
  domain: v.optional(v.picklist(DOMAINS), "programs"),
  long: v.optional(Share, 0),
  easy: v.optional(Share, 0),
  judge: v.optional(Share, 0),
  gaps: v.optional(Share, 0),
  /** Planned lengths before the run was lengthened, in order. */
  earlierPlans: v.optional(v.array(Count), []),
});
/** Progress of a run. With the model's state it is all that resuming needs. */
export type Progress = v.InferOutput<typeof Progress>;

const PROGRESS = "checkpoint.json";

/** Writes the state, then the progress that names it, then deletes older states. After a crash one pair is complete. */
export async function writeCheckpoint(folder: string, progress: Progress, state: FileParts): Promise<void> {
  await mkdir(folder, { recursive: true });
  await replace(join(folder, stateName(progress.update)), state);
  await replace(join(folder, PROGRESS), `${JSON.stringify(progress, null, 2)}\n`);
  const older = (await readdir(folder)).filter((name) => STATE.test(name) && name !== stateName(progress.update));
  for (const name of older) await rm(join(folder, name));
}

/** @throws KelvinError "input" if the folder has no checkpoint of a pre-training run */
export async function readCheckpoint(folder: string): Promise<{ progress: Progress; state: Uint8Array<ArrayBuffer> }> {
  const text = await readFile(join(folder, PROGRESS), "utf8").catch(() => null);
  if (text === null)
    throw new KelvinError("input", `${folder} holds no ${PROGRESS}`, "name the --out folder of an earlier run");
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Progress), text);
  if (!parsed.success)
    throw new KelvinError(
      "input",
      `${join(folder, PROGRESS)}: ${parsed.issues[0].message}`,
      "the file is damaged: begin another run with --out",
    );
  const state = await readFile(join(folder, stateName(parsed.output.update))).catch(() => null);
  if (state === null)
    throw new KelvinError(
      "input",
      `${folder} lacks ${stateName(parsed.output.update)}`,
      "the checkpoint is incomplete: begin another run with --out",
    );
  return { progress: parsed.output, state };
}

const STATE = /^checkpoint-\d+\.safetensors$/;

function stateName(update: number): string {
  return `checkpoint-${update}.safetensors`;
}

async function replace(path: string, data: string | FileParts): Promise<void> {
  await writeFile(`${path}.part`, data);
  await rename(`${path}.part`, path);
}
