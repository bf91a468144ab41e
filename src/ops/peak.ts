import code from "../../shaders/peak.wgsl?raw";
import { type Device, type View, view } from "../device/device";

const LANES_PER_GROUP = 256;
const OPERATIONS = 64;
/** Many more lanes than a device can run at once. */
const LANES = 2 ** 18;
const SOFTWARE_TURNS = 64;
const HARDWARE_TURNS = 4096;
const REPEATS = 5;

export interface Peak {
  /** y [groups · 256] vec4. */
  run(groups: number, turns: number, y: View): void;
}

export function peakOps(device: Device): Peak {
  const run = device.kernel({
    name: "peak.run",
    code,
    entry: "run",
    uniforms: { turns: "u32", lanes: "u32" },
    bindings: { 1: "write" },
  });
  return {
    run(groups, turns, y) {
      const lanes = groups * LANES_PER_GROUP;
      device.dispatch(run, { turns, lanes }, [y], [groups], lanes * turns * OPERATIONS);
    },
  };
}

/** float32 operations per second, in units of 10⁹: the best of several measurements. */
export async function measurePeak(device: Device): Promise<number> {
  const turns = device.traits.software ? SOFTWARE_TURNS : HARDWARE_TURNS;
  const peak = peakOps(device);
  await device.ready();
  const y = view(device.storage("peak", LANES * 4));
  const watch = device.stopwatch();
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < REPEATS; i++)
    best = Math.min(best, await watch.milliseconds(() => peak.run(LANES / LANES_PER_GROUP, turns, y)));
  watch.destroy();
  device.destroyBuffer(y.buffer);
  return (LANES * turns * OPERATIONS) / best / 1e6;
}
