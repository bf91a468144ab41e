import type { Page } from "../page";
import { azr } from "./azr";
import { basics } from "./basics";
import { oneShot } from "./one-shot";

/** In the order they are read. A method's page has the method's name. */
export const PAGES: readonly [Page, ...Page[]] = [basics, azr, oneShot];

/** The page of this name; the basics for an unknown name. */
export function findPage(name: string): Page {
  return PAGES.find((page) => page.name === name) ?? PAGES[0];
}
