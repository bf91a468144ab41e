import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleCommands } from "../../scripts/lib/bundle.mjs";

/** The log of a run of the command line, which is trained to its end in a folder that is deleted afterwards. */
export async function trainInNode(...args: string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "kelvin-train-"));
  const out = ["--out", join(folder, "run")];
  execFileSync(process.execPath, [await bundleCommands(), "train", ...args, ...out], { stdio: "ignore" });
  const log = readFileSync(join(folder, "run/events.jsonl"), "utf8");
  rmSync(folder, { recursive: true, force: true });
  return log;
}
