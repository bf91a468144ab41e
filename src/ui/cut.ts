/** Texts and lists of a log may be of any size; what is drawn is not, so that the page stays quick. */
import { whole } from "./format";

/** Lines of a program, and tokens of a completion, that are drawn. */
export const MOST_LINES = 400;
export const MOST_TOKENS = 8192;
/** Characters of one text that are drawn. */
const MOST_CHARACTERS = 10_000;

/** The beginning of a text, and how much of it was left out. */
export function cutText(text: string): string {
  if (text.length <= MOST_CHARACTERS) return text;
  return `${text.slice(0, MOST_CHARACTERS)}… (${whole(text.length - MOST_CHARACTERS)} characters more)`;
}

/** What is said below a list that was cut; null where all of it is there. */
export function leftOut(count: number, most: number, noun: string): string | null {
  return count <= most ? null : `… ${whole(count - most)} ${noun} more`;
}
