import { freemem } from "node:os";
import { setFlagsFromString } from "node:v8";
import { cpuAdapter } from "../cpu/adapter";
import type { DeviceAdapter } from "../device/adapter";
import type { Simd } from "../device/device";
import { gpuAdapter } from "../gpu/device";
import { fromEnvironment, GPU_CHOICES, type GpuChoice, openNodeGpu } from "../gpu/node-adapter";
import { nodeThreads, usualWorkers } from "./helper-threads";

/**
 * Which adapter to open: "auto" takes a hardware GPU where there is one, else the CPU, which is faster than any rasteriser; "gpu" takes the
 * best WebGPU adapter, a software one too.
 */
export type AdapterChoice = GpuChoice | "cpu" | "gpu";
export const ADAPTER_CHOICES: readonly AdapterChoice[] = ["auto", "cpu", "gpu", ...GPU_CHOICES.slice(1)];

/** How the CPU engine adds up. */
export const SIMD_CHOICES: readonly Simd[] = ["plain", "relaxed"];

/**
 * Where the engine of this process runs. The environment variable KELVIN_ADAPTER stands in for "auto".
 * @param workers threads of the CPU engine, this one included
 * @throws KelvinError "no-webgpu" when the chosen adapter is not on this machine, with what to install;
 *   "input" when KELVIN_ADAPTER names none
 */
export async function openNodeAdapter(
  choice: AdapterChoice = "auto",
  simd: Simd = "plain",
  workers = usualWorkers(),
): Promise<DeviceAdapter> {
  const wanted = choice === "auto" ? fromEnvironment(ADAPTER_CHOICES) : choice;
  if (wanted === "cpu") return openCpu(simd, workers);
  if (wanted === "gpu") return openGpu("auto");
  if (wanted !== "auto") return openGpu(wanted);
  return (await openGpu("hardware").catch(() => null)) ?? openCpu(simd, workers);
}

async function openGpu(choice: GpuChoice): Promise<DeviceAdapter> {
  const { adapter, name, software } = await openNodeGpu(choice);
  // The system reports the free memory of a rasteriser, but not that of a GPU.
  return { ...gpuAdapter(adapter, software ? freemem : undefined), name };
}

/** Node 20 has relaxed SIMD behind this flag; later ones have it anyway. */
export function allowRelaxedSimd(): void {
  setFlagsFromString("--experimental-wasm-relaxed-simd");
}

function openCpu(simd: Simd, workers: number): DeviceAdapter {
  if (simd === "relaxed") allowRelaxedSimd();
  return cpuAdapter(simd, { free: freemem, threads: nodeThreads(workers) });
}
