/** Signed terms in order, as they are written: `3*x-x*(x+1)` → `3*x`, `-x*(x+1)`. */
export function termsOf(integrand: string): string[] {
  return integrand.match(/[+-]?(?:\([^()]*\)|[^+\-()])+/gu) ?? [];
}
