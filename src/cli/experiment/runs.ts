/** The runs of an experiment: where each lies, whether it is over, and the processes that train them. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { KelvinError } from "../../contracts";
import { onEnding } from "../ending";
import { projectFolder } from "../model-folder";
import { hasCheckpoint, readEvents } from "../run-folder";
import type { RunResult } from "./page";
import type { Arm, Experiment } from "./shape";

/** One run and where it lies. */
export interface PlannedRun {
  readonly arm: Arm;
  readonly seed: number;
  readonly folder: string;
  /** The model that it begins with; null for the one that runs take by themselves. */
  readonly model: string | null;
}

/** Every arm with seeds 1 to `seeds`, or to its own number if that is less. */
export function planRuns({ arms, model }: Experiment, seeds: number, runs: string): PlannedRun[] {
  const folderOf = (name: string, seed: number) => join(runs, `${name.replaceAll(/[^a-z0-9]+/gi, "-")}-seed-${seed}`);
  return Array.from({ length: seeds }, (_, index) => index + 1).flatMap((seed) =>
    arms
      .filter((arm) => seed <= (arm.seeds ?? seeds))
      .map((arm) => ({
        ...{ arm, seed, folder: folderOf(arm.name, seed) },
        model: arm.from === undefined ? (model ?? null) : join(folderOf(arm.from, seed), "checkpoint"),
      })),
  );
}

/** @throws KelvinError "input" if runs exist already without `--resume`, or if a process still trains one of them */
export function refuseOthers(planned: readonly PlannedRun[], resume: boolean): void {
  const there = planned.find(({ folder }) => existsSync(join(folder, "events.jsonl")));
  if (there && !resume)
    throw new KelvinError(
      "input",
      `${there.folder} holds a run already`,
      "--resume goes on with the runs that are there; or remove them",
    );
  for (const { folder } of planned) {
    const id = trainingProcess(folder);
    if (id !== null)
      throw new KelvinError("input", `process ${id} still trains ${folder}`, `wait for it, or end it with: kill ${id}`);
  }
}

/** The process that trains a run; null if none does. */
function trainingProcess(folder: string): number | null {
  const path = join(folder, PROCESS);
  if (!existsSync(path)) return null;
  const id = Number(readFileSync(path, "utf8"));
  try {
    process.kill(id, 0);
    return id;
  } catch {
    // There is no such process any more: it was ended without a chance to remove the file.
    return null;
  }
}

const PROCESS = "process.txt";
const COMMIT = "commit.txt";

export function isOver({ folder, arm }: PlannedRun): boolean {
  const path = join(folder, "summary.json");
  if (!existsSync(path)) return false;
  const { reason, taken } = JSON.parse(readFileSync(path, "utf8"));
  return reason === "done" && taken >= arm.steps;
}

export function resultOf({ arm, seed, folder }: PlannedRun): RunResult {
  const path = join(folder, COMMIT);
  const made = existsSync(path) ? readFileSync(path, "utf8").trim() : "unknown";
  return { arm, seed, events: readEvents(folder), commit: made };
}

/** Trains planned runs in processes. */
export class Runner {
  private readonly children = new Set<ChildProcess>();
  private isStopped = false;

  constructor(
    private readonly experiment: Experiment,
    private readonly adapter: string | undefined,
    /** Of each run, on the CPU engine; null for as many as it takes alone. */
    private readonly workers: number | null,
  ) {}

  /** At most so many at a time, in order. A run that fails does not stop the others; an interrupt stops all of them. */
  async runAll(planned: readonly PlannedRun[], atOnce: number, after: () => void): Promise<void> {
    const endWaiting = onEnding(() => this.stop());
    const begun = planned.filter((run) => !isOver(run));
    // What others begin with comes first.
    for (const waiting of [begun.filter(({ arm }) => !arm.from), begun.filter(({ arm }) => arm.from)]) {
      const work = async () => {
        for (let run = waiting.shift(); run && !this.isStopped; run = waiting.shift()) {
          await this.train(run);
          after();
        }
      };
      await Promise.all(Array.from({ length: atOnce }, work));
    }
    endWaiting();
  }

  /** Each run ends after its step, with a checkpoint. */
  private stop(): void {
    this.isStopped = true;
    for (const child of this.children) child.kill("SIGTERM");
  }

  /** One run, from its checkpoint if it has one. */
  private async train(run: PlannedRun): Promise<void> {
    const { arm, seed, folder } = run;
    mkdirSync(folder, { recursive: true });
    const isBegun = hasCheckpoint(folder);
    // Without a checkpoint nothing of it can be continued.
    if (!isBegun) rmSync(join(folder, "events.jsonl"), { force: true });
    if (!isBegun) writeFileSync(join(folder, COMMIT), `${commit()}\n`);
    const log = join(folder, "log.txt");
    const told = `${arm.name}, seed ${seed}`;
    console.log(`${told}: ${isBegun ? "goes on" : "begins"}`);
    const code = await this.follow(folder, this.command(run, isBegun), log);
    console.log(`${told}: ${isOver(run) ? "done" : code === 0 ? "stopped" : `ended with ${code}, see ${log}`}`);
  }

  private command({ arm, seed, folder, model }: PlannedRun, isBegun: boolean): string[] {
    const { evaluateTasks, evaluateEvery, suites } = this.experiment;
    const common = ["train", arm.method, "--steps", `${arm.steps}`];
    if (this.adapter) common.push("--adapter", this.adapter);
    if (this.workers !== null) common.push("--workers", `${this.workers}`);
    if (isBegun) return [...common, "--resume", folder];
    return [
      ...[...common, "--seed", `${seed}`, "--out", folder],
      ...["--evaluate-tasks", `${evaluateTasks}`, "--evaluate-every", `${evaluateEvery}`],
      ...(model ? ["--model", model] : []),
      ...(arm.preset ? ["--preset", arm.preset] : []),
      ...suites.flatMap((suite) => ["--suite", suite]),
      ...Object.entries(arm.settings).flatMap(([key, value]) => ["--set", `${key}=${value}`]),
    ];
  }

  private async follow(folder: string, argv: readonly string[], log: string): Promise<number | null> {
    const descriptor = openSync(log, "a");
    const child = spawn(process.execPath, [process.argv[1] ?? "", ...argv], {
      stdio: ["ignore", descriptor, descriptor],
    });
    closeSync(descriptor);
    this.children.add(child);
    const note = join(folder, PROCESS);
    if (child.pid !== undefined) {
      writeFileSync(note, `${child.pid}`);
      setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    }
    const code = await ended(child);
    this.children.delete(child);
    rmSync(note, { force: true });
    return code;
  }
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("exit", resolve);
    child.once("error", reject);
  });
}

/** What a run depends on. The experiment's own page changes meanwhile, and is not among it. */
const CODE = ["src", "shaders", "scripts", "public", "package-lock.json"];

/** The commit of the code, "-dirty" if its files differ from it; "unknown" outside a repository. */
function commit(): string {
  const git = (words: readonly string[]) =>
    execFileSync("git", words, { cwd: projectFolder(), encoding: "utf8", stdio: "pipe" }).trim();
  try {
    const name = git(["describe", "--always", "--exclude", "*"]);
    const changed = git(["status", "--porcelain", "--untracked-files=no", "--", ...CODE]);
    return changed === "" ? name : `${name}-dirty`;
  } catch {
    return "unknown";
  }
}
