import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { KelvinError } from "../contracts";
import { type Arguments, readArguments } from "./arguments";
import { writeResult } from "./disk";
import { type Arm, EXPERIMENTS, type Experiment, findExperiment } from "./experiment/declared";
import { pageOf, type RunResult } from "./experiment/page";
import { projectFolder } from "./model-folder";
import { readEvents } from "./run-folder";

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

/** One run of the experiment and where it lies. */
interface PlannedRun {
  readonly arm: Arm;
  readonly seed: number;
  readonly folder: string;
}

/**
 * `experiment NAME`: trains every arm with every seed, each in a process of its own at the lowest priority, and writes
 * `docs/experiments/NAME.md` whenever one is over. In the background unless `--wait`.
 */
export async function main(argv: string[]): Promise<number> {
  const given = readArguments(argv, KINDS, USAGE);
  const declared = findExperiment(given.positionals[0]);
  const experiment = shortened(declared, given);
  const runs = given.value("runs") ?? join(projectFolder(), "runs", "experiments", experiment.name);
  const out = given.value("out") ?? join(projectFolder(), "docs", "experiments");
  const planned = planRuns(experiment, given.count("seeds", experiment.seeds, 1), runs);
  refuseOthers(planned, given.flag("resume"));
  mkdirSync(runs, { recursive: true });
  if (!given.flag("wait")) return leave(argv, runs);
  const atOnce = given.count("at-once", 1, 1);
  await runAll(
    planned,
    atOnce,
    (run) => train(experiment, run, given),
    () => writePage(experiment, planned, out),
  );
  writePage(experiment, planned, out);
  const failed = planned.filter((run) => !isOver(run));
  if (failed.length > 0)
    console.error(`${failed.length} of ${planned.length} runs did not end: see their log.txt; --resume goes on`);
  return failed.length > 0 ? 1 : 0;
}

/** Fewer steps or tasks than declared, to try the command. */
function shortened(experiment: Experiment, given: Arguments): Experiment {
  const arms = experiment.arms.map((arm) => ({ ...arm, steps: given.count("steps", arm.steps, 1) }));
  return { ...experiment, arms, evaluateTasks: given.count("evaluate-tasks", experiment.evaluateTasks, 1) };
}

function planRuns({ arms }: Experiment, seeds: number, runs: string): PlannedRun[] {
  return Array.from({ length: seeds }, (_, index) => index + 1).flatMap((seed) =>
    arms.map((arm) => ({ arm, seed, folder: join(runs, `${arm.name.replaceAll(/[^a-z0-9]+/gi, "-")}-seed-${seed}`) })),
  );
}

/** @throws KelvinError "input" where runs lie already and nobody said that they go on */
function refuseOthers(planned: readonly PlannedRun[], resume: boolean): void {
  const there = planned.find(({ folder }) => existsSync(join(folder, "events.jsonl")));
  if (there && !resume)
    throw new KelvinError(
      "input",
      `${there.folder} holds a run already`,
      "--resume goes on with the runs that are there; or remove them",
    );
}

/** The same command as a process that outlives this one. */
function leave(argv: readonly string[], runs: string): number {
  const log = join(runs, "log.txt");
  const descriptor = openSync(log, "a");
  const child = spawn(process.execPath, [process.argv[1] ?? "", "experiment", ...argv, "--wait"], {
    detached: true,
    stdio: ["ignore", descriptor, descriptor],
  });
  closeSync(descriptor);
  child.unref();
  console.log(`runs in the background as process ${child.pid}; ${log} tells how far it is`);
  return 0;
}

/** At most so many at a time, in order. A run that fails does not stop the others. */
async function runAll(
  planned: readonly PlannedRun[],
  atOnce: number,
  start: (run: PlannedRun) => Promise<void>,
  after: () => void,
): Promise<void> {
  const waiting = planned.filter((run) => !isOver(run));
  const work = async () => {
    for (let run = waiting.shift(); run; run = waiting.shift()) {
      await start(run);
      after();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

function isOver({ folder, arm }: PlannedRun): boolean {
  const path = join(folder, "summary.json");
  if (!existsSync(path)) return false;
  const { reason, taken } = JSON.parse(readFileSync(path, "utf8"));
  return reason === "done" && taken >= arm.steps;
}

/** One run, from its checkpoint where it has one. */
async function train(experiment: Experiment, run: PlannedRun, given: Arguments): Promise<void> {
  const { arm, seed, folder } = run;
  mkdirSync(folder, { recursive: true });
  const adapter = given.value("adapter");
  const common = ["train", arm.method, "--steps", `${arm.steps}`, ...(adapter ? ["--adapter", adapter] : [])];
  const isThere = existsSync(join(folder, "checkpoint", "run.json"));
  const fresh = [
    ...["--seed", `${seed}`, "--out", folder, "--evaluate-tasks", `${experiment.evaluateTasks}`],
    ...["--evaluate-every", `${experiment.evaluateEvery}`],
    ...experiment.suites.flatMap((suite) => ["--suite", suite]),
    ...Object.entries(arm.settings).flatMap(([key, value]) => ["--set", `${key}=${value}`]),
  ];
  if (!isThere) writeFileSync(join(folder, "commit.txt"), `${commit()}\n`);
  console.log(`${arm.name}, seed ${seed}: ${isThere ? "goes on" : "begins"}`);
  const descriptor = openSync(join(folder, "log.txt"), "a");
  const child = spawn(
    process.execPath,
    [process.argv[1] ?? "", ...common, ...(isThere ? ["--resume", folder] : fresh)],
    {
      stdio: ["ignore", descriptor, descriptor],
    },
  );
  closeSync(descriptor);
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  const code = await ended(child);
  console.log(
    `${arm.name}, seed ${seed}: ${code === 0 ? "done" : `ended with ${code}, see ${join(folder, "log.txt")}`}`,
  );
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("exit", resolve);
    child.once("error", reject);
  });
}

function writePage(experiment: Experiment, planned: readonly PlannedRun[], out: string): void {
  const results = planned.filter(isOver).map(resultOf);
  const { markdown, picture } = pageOf(experiment, results, planned.length);
  writeResult(join(out, `${experiment.name}.md`), markdown);
  writeResult(join(out, `${experiment.name}.svg`), picture);
}

function resultOf({ arm, seed, folder }: PlannedRun): RunResult {
  const path = join(folder, "commit.txt");
  const made = existsSync(path) ? readFileSync(path, "utf8").trim() : "unknown";
  return { arm, seed, events: readEvents(folder), commit: made };
}

/** The commit the code is of; "unknown" outside a repository. */
function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: projectFolder(), encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}
