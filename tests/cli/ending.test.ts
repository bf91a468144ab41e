import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "kelvin-ending-"));
afterAll(() => rmSync(folder, { recursive: true }));

const LEAST = ["one-shot", "--steps", "100000", "--evaluate-tasks", "0", "--adapter", "cpu", "--workers", "1"];
const EXAMPLE = ["exampleRule=by-hand", "exampleProgram=def f(x):\\n x=x+3\\n x=x+7\\n return x+8", "exampleInput=12"];
const SETTINGS = [...EXAMPLE, "groups=1", "samplesPerGroup=4"].flatMap((setting) => ["--set", setting]);
const train = (out: string) => ["train", ...LEAST, ...SETTINGS, "--out", out];

/** Starts it and waits for its second step. */
async function started(program: string, args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  await new Promise<void>((resolve, reject) => {
    const hear = (text: Buffer) => {
      said += text;
      if (/step +2\//.test(said)) resolve();
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.on("exit", () => reject(new Error(`ended: ${said}`)));
  });
  child.removeAllListeners("exit");
  return child;
}

/** The steps of its checkpoint, once there is one that says so and the log ends with the run. */
function stored(out: string): { readonly step: number; readonly ended: boolean } {
  const path = join(out, "checkpoint", "run.json");
  if (!existsSync(path)) return { step: 0, ended: false };
  const { state } = JSON.parse(readFileSync(path, "utf8")) as { state: { step: number } };
  return {
    step: state.step,
    ended: /"run\.end","reason":"stopped"/.test(readFileSync(join(out, "events.jsonl"), "utf8")),
  };
}

describe("a run whose terminal is closed", () => {
  it("ends after its step, with a checkpoint", { timeout: 60_000 }, async () => {
    const out = join(folder, "hung-up");
    const child = await started(process.execPath, [process.env["KELVIN_CLI"] ?? "", ...train(out)]);
    const status = new Promise((resolve) => child.on("exit", resolve));
    child.kill("SIGHUP");
    expect(await status).not.toBeNull();
    expect(stored(out)).toMatchObject({ step: expect.any(Number), ended: true });
    expect(stored(out).step).toBeGreaterThan(1);
  });
});

describe("a run whose npm is killed", () => {
  it.skipIf(process.platform === "win32")("ends by itself, with a checkpoint", { timeout: 90_000 }, async () => {
    const out = join(folder, "orphaned");
    const [command = "", ...args] = train(out);
    const npm = await started("npm", ["run", command, "--", ...args]);
    npm.kill("SIGKILL");
    await expect.poll(() => stored(out).ended, { timeout: 30_000 }).toBe(true);
    expect(stored(out).step).toBeGreaterThan(1);
  });
});

describe("an experiment in the background", () => {
  it("goes on when what started it has ended", { timeout: 60_000 }, async () => {
    const [runs, out] = [join(folder, "runs"), join(folder, "pages")];
    const words = [
      "experiment",
      "best-of-n",
      "--seeds",
      "1",
      "--steps",
      "1",
      "--evaluate-tasks",
      "4",
      "--adapter",
      "cpu",
    ];
    const env = { ...process.env, npm_lifecycle_event: "experiment" };
    const args = [process.env["KELVIN_CLI"] ?? "", ...words, "--runs", runs, "--out", out];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], env });
    let said = "";
    child.stdout?.on("data", (text: Buffer) => (said += text));
    expect(await new Promise((resolve) => child.on("exit", resolve))).toBe(0);
    const id = Number(/process (\d+)/.exec(said)?.[1]);
    // Longer than it takes to see that a parent is gone.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(process.kill(id, 0)).toBe(true);
    process.kill(id, "SIGTERM");
    await expect.poll(() => isAlive(id), { timeout: 30_000 }).toBe(false);
  });
});

function isAlive(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
}
