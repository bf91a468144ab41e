import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measurePeak } from "../../ops/peak";
import { type AdapterChoice, openNodeAdapter } from "../node-adapter";
import { askInNode } from "./in-node";
import type { Answer } from "./measure";
import type { Figure, Section, Settings } from "./section";
import { BATCH, LARGE, LENGTH, stepFlops } from "./workload";

const SIZE = 2048;
/** The first step fills caches; the mean of a few predicts a long run. */
const AZR_STEPS = 4;

/**
 * The GPU targets: products against the device's peak, a step of 100 million parameters against those products, and the default
 * model's AZR step. Needs a GPU, unless a software adapter is named.
 */
export const device: Section = {
  name: "device",
  onRequest: true,
  async measure(settings) {
    const adapter = await openNodeAdapter(settings.adapter);
    const { name, software } = adapter;
    if (software && settings.adapter === "auto") return `it needs a GPU; ${name} is a software adapter`;
    const { device } = await adapter.open();
    const peak = await measurePeak(device);
    device.close();
    return [
      { name: "multiply-adds in registers", value: peak, unit: "GFLOP/s", note: name },
      ...(await products(settings, peak)),
      await azrStep(settings.adapter, settings.limitSeconds),
    ];
  },
};

async function products({ adapter, seconds, limitSeconds }: Settings, peak: number): Promise<Figure[]> {
  const product = await askInNode({ contender: "kelvin", work: { matmul: SIZE }, seconds }, adapter, limitSeconds);
  const step = await askInNode({ contender: "kelvin", work: { training: LARGE.name }, seconds }, adapter, limitSeconds);
  const rate = per(product, (2 * SIZE ** 3) / 1e6);
  const stepRate = per(step, stepFlops(LARGE) / 1e6);
  return [
    { name: `matmul ${SIZE}`, value: rate, unit: "GFLOP/s", ...noteOf(product) },
    { name: "share of the peak (to reach: 50)", value: (100 * rate) / peak, unit: "%" },
    { name: `training ${LARGE.name}`, value: per(step, BATCH * LENGTH * 1000), unit: "tokens/s", ...noteOf(step) },
    { name: "share of the matmul rate (to reach: 40)", value: (100 * stepRate) / rate, unit: "%" },
  ];
}

function per(answer: Answer | string, amount: number): number {
  return typeof answer === "string" ? Number.NaN : amount / answer.milliseconds;
}

function noteOf(answer: Answer | string): { note?: string } {
  if (typeof answer === "string") return { note: answer };
  return answer.firstOnly ? { note: "one repetition, compilation included" } : {};
}

/** The default recipe, run by the command that a visitor would use. */
async function azrStep(adapter: AdapterChoice, limitSeconds: number): Promise<Figure> {
  const figure = { name: "AZR step of the default model (to reach: 1)", unit: "s" };
  const folder = mkdtempSync(join(tmpdir(), "kelvin-bench-"));
  try {
    const args = ["train", "azr", "--steps", `${AZR_STEPS}`, "--evaluate-tasks", "0", "--adapter", adapter, "--json"];
    const summary = await output([...args, "--out", join(folder, "run")], limitSeconds);
    const { secondsPerStep } = JSON.parse(summary) as { secondsPerStep: number };
    return { ...figure, value: secondsPerStep, note: `mean of ${AZR_STEPS} steps` };
  } catch (error) {
    return { ...figure, value: Number.NaN, note: error instanceof Error ? error.message : String(error) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Output of one of our commands. @throws if it fails, or exceeds the limit */
function output(args: readonly string[], limitSeconds: number): Promise<string> {
  const child = spawn(process.execPath, [process.argv[1] as string, ...args], {
    stdio: ["ignore", "pipe", "ignore"],
    timeout: limitSeconds * 1000,
  });
  let text = "";
  child.stdout.on("data", (part: Buffer) => {
    text += part;
  });
  return new Promise((resolve, reject) => {
    child.on("close", (code) =>
      code === 0 ? resolve(text) : reject(new Error(`it did not end well in ${limitSeconds} s`)),
    );
  });
}
