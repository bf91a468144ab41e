import slots from "../../shaders/lib/slots.wgsl?raw";
import code from "../../shaders/sample.wgsl?raw";
import type { SamplingOptions } from "../contracts";
import { type Gpu, groupsFor, type View } from "../gpu/gpu";

/** u32 per entry of `picked`: token, bits of its log-probability, bits of the entropy. */
export const PICKED_WORDS = 3;

/** Up to here one lane walks a row faster than a workgroup shares it; tokens for a seed differ between the two. */
const SMALL_VOCABULARY = 512;
/** Lanes that share a row: a rasteriser pays for every one of them at each barrier. */
const SOFTWARE_LANES = 16;
const HARDWARE_LANES = 128;
/** log min_p of no cut at all. */
const NO_CUT = -3e38;

export interface SampleShape {
  /** Rows of logits, one an active slot. */
  readonly rows: number;
  readonly vocabulary: number;
  /** Of one row of logits; `chunk4` of them come from each shard of the table (all of them from a table in one piece). */
  readonly stride4: number;
  readonly chunk4: number;
  /** Tokens in `stops`. */
  readonly stopCount: number;
  /** First entry of `picked` to write. */
  readonly first: number;
}

/** Draws a token a slot, records it with log-probability and entropy, and ends slots. See sample.wgsl for shapes. */
export interface Sample {
  draw(
    shape: SampleShape,
    options: SamplingOptions,
    args: { activeSlots: View; slots: View; logits: View; stops: View; picked: View },
  ): void;
}

/** Whether any of the cuts can leave a token out. */
function cuts({ temperature, topK, topP, minP }: SamplingOptions, vocabulary: number): boolean {
  return temperature > 0 && ((topK ?? vocabulary) < vocabulary || (topP ?? 1) < 1 || (minP ?? 0) > 0);
}

export function sampleOps(gpu: Gpu, lanes = gpu.traits.software ? SOFTWARE_LANES : HARDWARE_LANES): Sample {
  const kernel = (entry: string, logits: number) =>
    gpu.kernel({
      name: `sample.${entry}`,
      code: `const LANES = ${lanes}u;\n${slots}${code}`,
      entry,
      params: "uuuuuuufff",
      bindings: { 1: "read", 2: "write", [logits]: "read", 4: "read", 5: "write" },
    });
  const pick = kernel("pick", 6);
  const draw = kernel("draw", 3);
  return {
    draw({ rows, vocabulary, stride4, chunk4, stopCount, first }, options, a) {
      const { temperature, topK = vocabulary, topP = 1, minP = 0 } = options;
      const logMinP = minP > 0 ? Math.log(minP) : NO_CUT;
      const params = [rows, vocabulary, stride4, chunk4, stopCount, first, topK, temperature, topP, logMinP];
      const cost = rows * vocabulary * 40;
      if (vocabulary <= SMALL_VOCABULARY && chunk4 >= stride4 && !cuts(options, vocabulary)) {
        const views = [a.activeSlots, a.slots, a.stops, a.picked, a.logits];
        gpu.dispatch(pick, params, views, groupsFor(rows), cost);
      } else {
        const views = [a.activeSlots, a.slots, a.logits, a.stops, a.picked];
        gpu.dispatch(draw, params, views, [rows], cost);
      }
    },
  };
}
