/** Titles of the methods, for pages without the engine: a log contains only a method's key. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["azr", "Absolute Zero"],
  ["one-shot", "1-shot RLVR"],
]);

/** A method's title; the key itself if it is unknown. */
export function methodName(method: string): string {
  return NAMES.get(method) ?? method;
}
