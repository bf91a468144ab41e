import { type Gpu, type View, view } from "../gpu/gpu";

const areas = new WeakMap<Gpu, GPUBuffer>();

/**
 * A work area for results that the next dispatch reads and nothing else does. All dispatches of a device are in order, so
 * one area serves every op; it grows to the largest request, which the first step makes.
 */
export function scratch(gpu: Gpu, floats: number): View {
  const found = areas.get(gpu);
  if (found && found.size >= floats * 4) return view(found);
  if (found) gpu.destroyBuffer(found);
  const area = gpu.storage("scratch", floats);
  areas.set(gpu, area);
  return view(area);
}
