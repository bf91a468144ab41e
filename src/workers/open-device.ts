import { type AdapterWish, KelvinError } from "../contracts";
import { cpuAdapter } from "../cpu/adapter";
import { runsSimd } from "../cpu/simd";
import type { DeviceAdapter } from "../device/adapter";
import type { Simd } from "../device/device";
import { gpuAdapter } from "../gpu/device";
import { pageThreads } from "./helper-threads";

/** Longest wait for an adapter. A browser whose GPU process is stuck never answers. */
const ADAPTER_MILLISECONDS = 20_000;

/**
 * The adapter that this browser trains on: by itself a hardware GPU, then the CPU engine, then a software GPU.
 * @throws KelvinError "no-webgpu" or "no-webassembly" if the browser lacks what the wish needs; without a message where the page
 *   knows what to say of this browser
 */
export async function openAdapter(wish: AdapterWish): Promise<DeviceAdapter> {
  if (wish === "cpu" || wish === "cpu-relaxed") return openCpu(wish === "cpu" ? "plain" : "relaxed");
  const found =
    navigator.gpu && (await answered(navigator.gpu.requestAdapter({ powerPreference: "high-performance" })));
  const gpu = found ? gpuAdapter(found) : null;
  if (gpu && (wish === "gpu" || !gpu.software)) return gpu;
  if (wish !== "gpu" && runsSimd("plain")) return openCpu("plain");
  if (gpu) return gpu;
  throw new KelvinError("no-webgpu", "");
}

/** What is asked for; null if there is no answer in time. */
async function answered<T>(asked: Promise<T>): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ADAPTER_MILLISECONDS);
  });
  try {
    return await Promise.race([asked, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

function openCpu(simd: Simd): DeviceAdapter {
  return cpuAdapter(simd, { threads: pageThreads() });
}
