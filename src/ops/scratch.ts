import { type Device, type DeviceBuffer, type View, view } from "../device/device";

const areas = new WeakMap<Device, DeviceBuffer>();

/**
 * Work space for results that only the next dispatch reads. All dispatches of a device run in order, so one buffer serves every
 * op. It grows to the largest request, which occurs in the first step.
 */
export function scratch(device: Device, floats: number): View {
  const found = areas.get(device);
  if (found && found.size >= floats * 4) return view(found);
  if (found) device.destroyBuffer(found);
  const area = device.storage("scratch", floats);
  areas.set(device, area);
  return view(area);
}
