import { freemem } from "node:os";
import type { DeviceAdapter } from "../device/adapter";
import { gpuAdapter } from "../gpu/device";
import { GPU_CHOICES, type GpuChoice, openNodeGpu } from "../gpu/node-adapter";

/** Which adapter to open: "auto" takes a hardware GPU where there is one. */
export type AdapterChoice = GpuChoice;
export const ADAPTER_CHOICES: readonly AdapterChoice[] = GPU_CHOICES;

/**
 * Where the engine of this process runs. The environment variable KELVIN_ADAPTER stands in for "auto".
 * @throws KelvinError "no-webgpu" when the chosen adapter is not on this machine, with what to install;
 *   "input" when KELVIN_ADAPTER names none
 */
export async function openNodeAdapter(choice: AdapterChoice = "auto"): Promise<DeviceAdapter> {
  const { adapter, name, software } = await openNodeGpu(choice);
  // Of a rasteriser's memory the system knows what is free; of a GPU's nobody does.
  return { ...gpuAdapter(adapter, software ? freemem : undefined), name };
}
