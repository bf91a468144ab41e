/** Runs one measurement in a process of its own: libraries then share no device, and a slow one can be ended. */
import { type GpuChoice, provideNodeGpu } from "../../gpu/node-adapter";
import { nodeThreads } from "../helper-threads";
import { allowRelaxedSimd } from "../node-adapter";
import { OWN_ON_CPU } from "./contender";
import { measure, type Question } from "./measure";
import { acceptSharedMemory, addIteratorHelpers } from "./node-polyfills";

const [question, adapter] = process.argv.slice(2) as [string, GpuChoice];
addIteratorHelpers();
const asked = JSON.parse(question) as Question;
const answer = await provide(asked)
  .then(() => measure(asked, nodeThreads))
  .catch((error: unknown) => `it fails: ${error instanceof Error ? error.message : String(error)}`);
process.send?.(answer, () => process.exit(0));

/** A machine without WebGPU measures our CPU engine all the same. */
async function provide({ contender }: Question): Promise<void> {
  if (contender in OWN_ON_CPU) return;
  if (contender === "kelvin-cpu-relaxed") return allowRelaxedSimd();
  await provideNodeGpu(adapter);
  acceptSharedMemory();
}
