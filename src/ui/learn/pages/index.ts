import type { Page } from "../page";

const FILES = import.meta.glob<{ readonly page: Page }>(["./*.ts", "!./index.ts"], { eager: true });

/** Every page in this folder, in the order they are read. A method's page has the method's name. */
export const PAGES: readonly Page[] = Object.values(FILES)
  .map(({ page }) => page)
  .sort((a, b) => a.order - b.order || a.name.localeCompare(b.name));

/** The page of this name; the basics for an unknown name. */
export function findPage(name: string): Page {
  const found = PAGES.find((page) => page.name === name) ?? PAGES[0];
  if (!found) throw new Error("Learn has no page");
  return found;
}
