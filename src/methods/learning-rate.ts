/** Steps until the peak rate. */
const WARM_UP = 5;
/** Factor at the last step. */
const FINAL = 0.3;

/** Factor on the peak rate: linear warm-up over the first five steps, then linear decay to 0.3 at the last one. */
export function warmUpAndDecay(step: number, steps: number): number {
  const warm = Math.min(1, (step + 1) / WARM_UP);
  const progress = steps > 1 ? Math.min(1, step / (steps - 1)) : 0;
  return warm * (1 - (1 - FINAL) * progress);
}
