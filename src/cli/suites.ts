import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { KelvinError, type Task } from "../contracts";
import { parseSuite, type Suite } from "../evaluate/suite";
import { readTextFile } from "./disk";
import { projectFolder } from "./model-folder";

/** Suites of a run unless others are named; the first is the headline suite. */
export const SUITE_NAMES = ["in-distribution", "out-of-distribution"] as const;
/** Deduction tasks from which 1-shot RLVR may choose its example. */
const CANDIDATES = "one-shot-candidates";

/** File of a model's own suite inside its folder: tasks that this model never saw. */
export function suiteFile(name: string): string {
  return `heldout-${name}.jsonl`;
}

/** The held-out suites of a model: its own, or those that ship with Kelvin. */
export function defaultSuites(modelFolder: string): Suite[] {
  return SUITE_NAMES.map((name) => findSuite(name, modelFolder));
}

/** Candidates for the example of 1-shot RLVR. */
export function exampleCandidates(): readonly Task[] {
  return readSuite(CANDIDATES, join(shippedFolder(), `${CANDIDATES}.jsonl`)).tasks;
}

/** A suite by name or file. @throws KelvinError "input" if there is neither, or a line is not a task. */
export function findSuite(nameOrFile: string, modelFolder: string): Suite {
  const own = join(modelFolder, suiteFile(nameOrFile));
  const shipped = join(shippedFolder(), `${nameOrFile}.jsonl`);
  const path = [resolve(nameOrFile), own, shipped].find((candidate) => existsSync(candidate));
  if (path === undefined)
    throw new KelvinError(
      "input",
      `there is no suite ${nameOrFile}`,
      `one of ${shippedNames()}, or a file of JSON lines`,
    );
  const suite = readSuite(basename(nameOrFile, ".jsonl"), path);
  // The shipped suites are checked by a test.
  return dirname(path) === shippedFolder() ? suite : { ...suite, file: path };
}

function shippedFolder(): string {
  return join(projectFolder(), "public/suites");
}

function shippedNames(): string {
  const names = readdirSync(shippedFolder()).filter((name) => name.endsWith(".jsonl"));
  return names.map((name) => basename(name, ".jsonl")).join(", ");
}

function readSuite(name: string, path: string): Suite {
  try {
    return parseSuite(name, readTextFile(path));
  } catch (error) {
    if (error instanceof KelvinError) throw error;
    throw new KelvinError("input", `${path} cannot be read`, error instanceof Error ? error.message : String(error));
  }
}
