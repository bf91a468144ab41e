/** Names of the methods, as their own titles say them. A log carries a method's key only, and a page without an engine knows no more. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["azr", "Absolute Zero"],
  ["one-shot", "1-shot RLVR"],
]);

/** What a method is called in a sentence; one that is not known here by its key. */
export function methodName(method: string): string {
  return NAMES.get(method) ?? method;
}
