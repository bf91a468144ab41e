/** Short names for running text. A log carries a method's key only, and a page without an engine knows no more. */
const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  ["azr", "AZR"],
  ["one-shot", "1-shot RLVR"],
]);

/** What a method is called in a sentence; one that is not known here by its key. */
export function methodName(method: string): string {
  return SHORT_NAMES.get(method) ?? method;
}
