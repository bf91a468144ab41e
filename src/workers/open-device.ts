import { type AdapterWish, KelvinError } from "../contracts";
import { cpuAdapter } from "../cpu/adapter";
import { runsSimd } from "../cpu/simd";
import type { DeviceAdapter } from "../device/adapter";
import { gpuAdapter } from "../gpu/device";

/**
 * The adapter that this browser trains on: by itself a hardware GPU, then the CPU engine, then a software GPU.
 * @throws KelvinError "no-webgpu" or "no-webassembly" if the browser lacks what the wish needs; without a message where the page
 *   knows what to say of this browser
 */
export async function openAdapter(wish: AdapterWish): Promise<DeviceAdapter> {
  if (wish === "cpu" || wish === "cpu-relaxed") return cpuAdapter(wish === "cpu" ? "plain" : "relaxed");
  const found = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
  const gpu = found ? gpuAdapter(found) : null;
  if (gpu && (wish === "gpu" || !gpu.software)) return gpu;
  if (wish !== "gpu" && runsSimd("plain")) return cpuAdapter("plain");
  if (gpu) return gpu;
  throw new KelvinError("no-webgpu", "");
}
