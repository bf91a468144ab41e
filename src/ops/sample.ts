import slots from "../../shaders/lib/slots.wgsl?raw";
import code from "../../shaders/sample.wgsl?raw";
import type { SamplingOptions } from "../contracts";
import { type Device, groupsFor, type View } from "../device/device";

/** u32 per entry of `picked`: token, bits of its log-probability, bits of the entropy. */
export const PICKED_WORDS = 3;

/** Up to this size one lane per row is faster than a workgroup. The two draw different tokens for the same seed. */
const SMALL_VOCABULARY = 512;
/** Lanes per row on a software adapter, where every lane costs time at each barrier. */
const SOFTWARE_LANES = 16;
const HARDWARE_LANES = 128;
/** log min_p for no cut. */
const NO_CUT = -3e38;

const UNIFORMS = {
  rows: "u32",
  vocabulary: "u32",
  stride4: "u32",
  chunk4: "u32",
  stopCount: "u32",
  first: "u32",
  topK: "u32",
  temperature: "f32",
  topP: "f32",
  logMinP: "f32",
} as const;

export interface SampleShape {
  /** Rows of logits, one per active slot. */
  readonly rows: number;
  readonly vocabulary: number;
  /** Row length of logits. `chunk4` of it come from each shard of the table (all of it from an uncut table). */
  readonly stride4: number;
  readonly chunk4: number;
  /** Tokens in `stops`. */
  readonly stopCount: number;
  /** First entry of `picked` to write. */
  readonly first: number;
}

/** Draws one token per slot, records it with log-probability and entropy, and ends slots. See sample.wgsl for shapes. */
export interface Sample {
  draw(
    shape: SampleShape,
    options: SamplingOptions,
    args: { activeSlots: View; slots: View; logits: View; stops: View; picked: View },
  ): void;
}

/** Whether any cut can exclude a token. */
function cuts({ temperature, topK, topP, minP }: SamplingOptions, vocabulary: number): boolean {
  return temperature > 0 && ((topK ?? vocabulary) < vocabulary || (topP ?? 1) < 1 || (minP ?? 0) > 0);
}

export function sampleOps(device: Device, lanes = device.traits.software ? SOFTWARE_LANES : HARDWARE_LANES): Sample {
  const kernel = (entry: string, logits: number) =>
    device.kernel({
      name: `sample.${entry}`,
      code: `const LANES = ${lanes}u;\n${slots}${code}`,
      entry,
      uniforms: UNIFORMS,
      bindings: { 1: "read", 2: "write", [logits]: "read", 4: "read", 5: "write" },
    });
  const pick = kernel("pick", 6);
  const draw = kernel("draw", 3);
  return {
    draw(shape, options, a) {
      const { rows, vocabulary, stride4, chunk4 } = shape;
      const { temperature, topK = vocabulary, topP = 1, minP = 0 } = options;
      const logMinP = minP > 0 ? Math.log(minP) : NO_CUT;
      const values = { ...shape, topK, temperature, topP, logMinP };
      const cost = rows * vocabulary * 40;
      if (vocabulary <= SMALL_VOCABULARY && chunk4 >= stride4 && !cuts(options, vocabulary)) {
        const views = [a.activeSlots, a.slots, a.stops, a.picked, a.logits];
        device.dispatch(pick, values, views, groupsFor(rows), cost);
      } else {
        const views = [a.activeSlots, a.slots, a.logits, a.stops, a.picked];
        device.dispatch(draw, values, views, [rows], cost);
      }
    },
  };
}
