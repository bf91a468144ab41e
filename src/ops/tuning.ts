/** Stores choices of kernels between visits. */
import type { Device } from "../device/device";
import type { AttentionKernels } from "./attention-variants";
import type { LinearKernels } from "./linear-variants";

/** Storage of choices: a folder in Node, the origin's own storage in a browser. */
export interface TuningStore {
  read(key: string): Promise<unknown>;
  write(key: string, choice: LinearKernels | AttentionKernels): Promise<void>;
}

/** Increase when kernels change so much that old choices are meaningless. */
const VERSION = 1;

/** Storage key of a choice: version, adapter, and what was measured. */
export function tuningKey(device: Device, adapter: string, measured: string): string {
  const features = [...device.traits.features].sort().join(" ");
  return `${VERSION} | ${adapter} | ${features} | ${measured}`;
}

/** Parameters of `keptOrTuned` for one kind of kernels. */
interface Tuned<Kernels> {
  /** null if this version does not know them. */
  readonly parse: (kept: unknown) => Kernels | null;
  /** The numerics check: returns the kernels that may run. */
  readonly gate: (kernels: Kernels) => Promise<Kernels>;
  readonly isSame: (a: Kernels, b: Kernels) => boolean;
  readonly tune: () => Promise<Kernels>;
}

/** A stored choice that still passes the check, or a new one, which is then stored. */
export async function keptOrTuned<Kernels extends LinearKernels | AttentionKernels>(
  store: TuningStore,
  key: string,
  { parse, gate, isSame, tune }: Tuned<Kernels>,
): Promise<Kernels> {
  const kept = parse(await store.read(key));
  if (kept && isSame(kept, await gate(kept))) return kept;
  const found = await tune();
  await store.write(key, found);
  return found;
}

/**
 * The variants worth measuring. Software adapters take seconds to compile a kernel with workgroup memory, and run it at a fifth
 * of the speed, because each barrier switches between all lanes.
 */
export function worthMeasuring<Variant extends string>(
  device: Device,
  variants: readonly Variant[],
): readonly Variant[] {
  return device.traits.software ? variants.filter((name) => !name.startsWith("tiled")) : variants;
}
