/** The first `heads` heads of `headDim` numbers in every row of `stride` are rotated. */
export interface RopeShape {
  readonly rows: number;
  readonly heads: number;
  readonly stride: number;
  readonly headDim: number;
  readonly base: number;
  readonly stretch?: Stretch;
}

/** Llama 3's stretched rotations. */
export interface Stretch {
  readonly factor: number;
  readonly lowFrequencyFactor: number;
  readonly highFrequencyFactor: number;
  readonly originalContext: number;
}

/** By wavelengths, as Meta's own code has it: short ones stay, long ones are divided, the middle is blended. */
export function stretchedFrequency(frequency: number, stretch: Stretch): number {
  const { factor, lowFrequencyFactor, highFrequencyFactor, originalContext } = stretch;
  const wavelength = (2 * Math.PI) / frequency;
  if (wavelength < originalContext / highFrequencyFactor) return frequency;
  if (wavelength > originalContext / lowFrequencyFactor) return frequency / factor;
  const smooth = (originalContext / wavelength - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
  return ((1 - smooth) * frequency) / factor + smooth * frequency;
}

/** (a, b) → (a·cos − b·sin, b·cos + a·sin) for a = x[d], b = x[d + D/2]; direction −1 turns back. */
export function rotate(
  { rows, heads, stride, headDim, base, stretch }: RopeShape,
  direction: 1 | -1,
  positions: ArrayLike<number>,
  x: Float64Array,
): Float64Array {
  const y = Float64Array.from(x);
  for (let n = 0; n < rows; n++) {
    for (let head = 0; head < heads; head++) {
      for (let d = 0; d < headDim / 2; d++) {
        const i = n * stride + head * headDim + d;
        const j = i + headDim / 2;
        const frequency = base ** ((-2 * d) / headDim);
        const angle = positions[n]! * (stretch ? stretchedFrequency(frequency, stretch) : frequency);
        const [cos, sin] = [Math.cos(angle), direction * Math.sin(angle)];
        y[i] = x[i]! * cos - x[j]! * sin;
        y[j] = x[j]! * cos + x[i]! * sin;
      }
    }
  }
  return y;
}
