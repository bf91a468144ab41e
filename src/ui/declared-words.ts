/** Words that methods add to the glossary: those of the engine's methods, and of the logs that were opened. */
import type { Word } from "../contracts";

const declared = new Map<string, Word>();

/** Makes a method's words known to every page and popover. */
export function declareWords(words: Readonly<Record<string, Word>>): void {
  for (const [name, word] of Object.entries(words)) declared.set(name, word);
}

export function declaredWords(): ReadonlyMap<string, Word> {
  return declared;
}
