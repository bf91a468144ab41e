/** Kills runs at random moments, goes on with each, and compares its end with that of a run that was never broken. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Rng } from "../../contracts";
import { createRng } from "../../rollout/rng";
import { hasCheckpoint, readCheckpoint } from "../run-folder";
import { advance, isThere, type Launch, type Moment } from "./broken-run";
import { differences, stepsIn } from "./same-run";
import { folderOf, type SmallRun, smallRuns } from "./small-runs";

const STEPS = 6;
const CHECKPOINT_EVERY = 2;
/**
 * From which line on a moment is drawn, in turn: when the model is there, so that preparation is hit, which may take longer than all
 * steps, and when the first evaluation or step is over.
 */
const FROM = [/ on the device: /, /^(?:held-out|step) /mu] as const;
/** Kills of one run, at most; then it goes to its end, and is begun again for further ones. */
const MOST_PER_RUN = 4;

export interface KillSettings {
  /** For each run. */
  readonly kills: number;
  readonly seed: number;
  readonly adapter: string;
  /** Of the runs' names; all if empty. */
  readonly names: readonly string[];
}

/** What came of one run's kills. */
interface Outcome {
  readonly name: string;
  readonly kills: number;
  /** Kills that left no checkpoint: nothing had been prepared. */
  readonly early: number;
  /** Most finished steps that one kill cost. */
  readonly repeated: number;
  readonly faults: readonly string[];
}

/** @returns the number of runs that did not end as the unbroken one */
export async function kills(settings: KillSettings): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), "kelvin-kills-"));
  const chosen = smallRuns().filter(({ name }) => settings.names.length === 0 || settings.names.includes(name));
  let failed = 0;
  try {
    for (const run of chosen) {
      const outcome = await killed(run, root, settings);
      console.log(describe(outcome));
      if (outcome.faults.length > 0) failed += 1;
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  console.log(`${chosen.length - failed} of ${chosen.length} runs are the same, however often they were killed`);
  return failed;
}

async function killed(run: SmallRun, root: string, { kills, seed, adapter }: KillSettings): Promise<Outcome> {
  const always = ["--adapter", adapter, "--checkpoint-every", `${CHECKPOINT_EVERY}`, "--workers", "1"];
  const fresh = ["--steps", `${STEPS}`, "--evaluate-tasks", "4", "--evaluate-every", "3"];
  const launch: Launch = { program: process.argv[1] ?? "", words: [...run.words, ...fresh], always };
  const unbroken = folderOf(root, run, "unbroken");
  const lines: number[] = [];
  await advance(launch, unbroken, async (heard) => {
    for (const line of FROM) {
      await heard(line);
      lines.push(performance.now());
    }
    await new Promise(() => {});
  });
  const end = performance.now();
  const lengths = lines.map((line) => end - line);
  const rng = createRng(seed).child(run.name);
  const total = { name: run.name, kills: 0, early: 0, repeated: 0, faults: [] as string[] };
  for (let attempt = 0; total.kills < kills; attempt++) {
    const broken = folderOf(root, run, `broken-${attempt}`);
    await breakOften(launch, broken, { most: Math.min(MOST_PER_RUN, kills - total.kills), lengths, rng }, total);
    for (const fault of await differences(unbroken, broken)) total.faults.push(`${fault}, seed ${seed}`);
    rmSync(broken, { recursive: true, force: true });
  }
  return total;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** One run to its end, with kills on the way. */
async function breakOften(
  launch: Launch,
  folder: string,
  { most, lengths, rng }: { readonly most: number; readonly lengths: readonly number[]; readonly rng: Rng },
  total: Mutable<Outcome> & { readonly faults: string[] },
): Promise<void> {
  for (let kill = 0; kill < most; kill++) {
    const from = total.kills % FROM.length;
    const wait = rng.next() * (lengths[from] ?? 0);
    const moment: Moment = async (heard) => {
      await heard(FROM[from] ?? FROM[0]);
      await setTimeout(wait);
    };
    if ((await advance(launch, folder, moment)) === "done") return;
    total.kills += 1;
    if (!hasCheckpoint(folder)) {
      total.early += 1;
      if (isThere(folder) && stepsIn(folder) > 0) total.faults.push("steps were finished before the first checkpoint");
      continue;
    }
    const lost = stepsIn(folder) - (await readCheckpoint(folder)).saved.state.step;
    total.repeated = Math.max(total.repeated, lost);
    if (lost > CHECKPOINT_EVERY) total.faults.push(`${lost} finished steps were lost`);
  }
  await advance(launch, folder, null);
}

function describe({ name, kills, early, repeated, faults }: Outcome): string {
  const told = `${kills} kills, ${early} of them before the run was prepared; at most ${repeated} steps repeated`;
  return `${name.padEnd(24)} ${told}; ${faults.length === 0 ? "the same bits" : faults.join("; ")}`;
}
