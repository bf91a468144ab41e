import { type Gpu, type View, view } from "../gpu/gpu";

const areas = new WeakMap<Gpu, GPUBuffer>();

/**
 * Work space for results that only the next dispatch reads. All dispatches of a device run in order, so one buffer serves every
 * op. It grows to the largest request, which occurs in the first step.
 */
export function scratch(gpu: Gpu, floats: number): View {
  const found = areas.get(gpu);
  if (found && found.size >= floats * 4) return view(found);
  if (found) gpu.destroyBuffer(found);
  const area = gpu.storage("scratch", floats);
  areas.set(gpu, area);
  return view(area);
}
