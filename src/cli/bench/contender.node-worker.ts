/** Runs one measurement in a process of its own: libraries then share no device, and a slow one can be ended. */
import { type GpuChoice, provideNodeGpu } from "../../gpu/node-adapter";
import { nodeThreads } from "../helper-threads";
import { measure, type Question } from "./measure";
import { acceptSharedMemory, addIteratorHelpers } from "./node-polyfills";

const [question, adapter] = process.argv.slice(2) as [string, GpuChoice];
addIteratorHelpers();
const answer = await provideNodeGpu(adapter)
  .then(acceptSharedMemory)
  .then(() => measure(JSON.parse(question) as Question, nodeThreads))
  .catch((error: unknown) => `it fails: ${error instanceof Error ? error.message : String(error)}`);
process.send?.(answer, () => process.exit(0));
