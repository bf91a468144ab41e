import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Arguments, readArguments } from "./arguments";
import { requireFolder, writeResult } from "./disk";
import { OUTLIVING } from "./ending";
import { EXPERIMENTS, findExperiment } from "./experiment/declared";
import { pageOf } from "./experiment/page";
import { isOver, type PlannedRun, planRuns, Runner, refuseOthers, resultOf } from "./experiment/runs";
import type { Experiment } from "./experiment/shape";
import { projectFolder } from "./model-folder";

const USAGE = `npm run experiment -- ${EXPERIMENTS.map(({ name }) => name).join("|")} [--seeds N] [--resume] [--at-once N] [--wait] [--adapter NAME] [--steps N] [--evaluate-tasks N] [--runs DIR] [--out DIR]`;
const KINDS = {
  seeds: "value",
  resume: "flag",
  "at-once": "value",
  wait: "flag",
  adapter: "value",
  steps: "value",
  "evaluate-tasks": "value",
  runs: "value",
  out: "value",
} as const;
/** Options that change what is run; the page repeats them. */
const TELLING = ["seeds", "adapter", "steps", "evaluate-tasks"] as const;

/**
 * `experiment NAME`: trains every arm with every seed, each in a process of its own at a low priority, and writes
 * `docs/experiments/NAME.md` whenever one is over. In the background unless `--wait`. An interrupt ends each run after its step,
 * with a checkpoint; `--resume` goes on from there.
 */
export async function main(argv: string[]): Promise<number> {
  const given = readArguments(argv, KINDS, USAGE);
  const experiment = shortened(findExperiment(given.positionals[0]), given);
  const runs = given.value("runs") ?? join(projectFolder(), "runs", "experiments", experiment.name);
  const out = given.value("out") ?? join(projectFolder(), "docs", "experiments");
  const planned = planRuns(experiment, given.count("seeds", experiment.seeds, 1), runs);
  requireFolder(runs);
  requireFolder(out);
  refuseOthers(planned, given.flag("resume"));
  mkdirSync(runs, { recursive: true });
  if (!given.flag("wait")) return leave(argv, runs);
  const page = () => writePage(experiment, planned, commandOf(experiment, given), out);
  const atOnce = given.count("at-once", 1, 1);
  // Runs beside each other share the cores: that is faster than one run on all of them.
  const workers = atOnce === 1 ? null : Math.max(1, Math.floor(availableParallelism() / atOnce));
  const runner = new Runner(experiment, given.value("adapter"), workers);
  await runner.runAll(planned, atOnce, page);
  page();
  const missing = planned.filter((run) => !isOver(run)).length;
  if (missing > 0)
    console.error(`${missing} of ${planned.length} runs are not over: see their log.txt; --resume goes on`);
  return missing > 0 ? 1 : 0;
}

/** Fewer steps or tasks than declared, to try the command. */
function shortened(experiment: Experiment, given: Arguments): Experiment {
  const arms = experiment.arms.map((arm) => ({ ...arm, steps: given.count("steps", arm.steps, 1) }));
  return { ...experiment, arms, evaluateTasks: given.count("evaluate-tasks", experiment.evaluateTasks, 1) };
}

/** The command that repeats it. */
function commandOf({ name }: Experiment, given: Arguments): string {
  const options = TELLING.flatMap((option) => {
    const value = given.value(option);
    return value === undefined ? [] : [`--${option} ${value}`];
  });
  return ["npm run experiment --", name, ...options].join(" ");
}

/** The same command as a process that outlives this one. */
function leave(argv: readonly string[], runs: string): number {
  const log = join(runs, "log.txt");
  const descriptor = openSync(log, "a");
  const child = spawn(process.execPath, [process.argv[1] ?? "", "experiment", ...argv, "--wait"], {
    detached: true,
    env: { ...process.env, ...OUTLIVING },
    stdio: ["ignore", descriptor, descriptor],
  });
  closeSync(descriptor);
  child.unref();
  console.log(`runs in the background as process ${child.pid}; ${log} tells how far it is; kill ${child.pid} stops it`);
  return 0;
}

function writePage(experiment: Experiment, planned: readonly PlannedRun[], command: string, out: string): void {
  const results = planned.filter(isOver).map(resultOf);
  const { markdown, picture, plane } = pageOf(experiment, results, planned.length, command);
  writeResult(join(out, `${experiment.name}.md`), markdown);
  if (picture) writeResult(join(out, `${experiment.name}.svg`), picture);
  if (plane) writeResult(join(out, `${experiment.name}-plane.svg`), plane);
}
