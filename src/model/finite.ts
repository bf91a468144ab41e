import { KelvinError } from "../contracts";

/** The exponent of a float32 that is infinite or not a number. */
const EXPONENT = 0x7f800000;

/** Whether none of them is infinite or not a number. */
export function areFinite({ buffer, byteOffset, length }: Float32Array): boolean {
  const bits = new Uint32Array(buffer, byteOffset, length);
  for (let index = 0; index < length; index++) if (((bits[index] as number) & EXPONENT) === EXPONENT) return false;
  return true;
}

/** @param what the numbers, for people. @throws KelvinError "diverged" */
export function demandFinite(numbers: Float32Array, what: string): void {
  if (areFinite(numbers)) return;
  throw new KelvinError(
    "diverged",
    `${what} are not finite numbers any more: the training has diverged`,
    "Nothing of this was stored. Go on from the last checkpoint, or begin again with a lower learning rate.",
  );
}
