/** Most parts of the page are loaded on first use. If that fails, the page says so, and the next use tries again. */

/** The browser does not say why a module failed to load. */
export const NOT_LOADED = "could not be loaded: there is no network, or the page was updated since it was opened.";

/** What the visitor can do. */
export const ASK_AGAIN = "Open it again once there is a network; after an update of the page, reload it first.";

/** Tells the app that a part failed to load; the app says so above the view. */
class MissingPartEvent extends CustomEvent<string> {
  constructor(part: string) {
    super("missing-part", { detail: part, bubbles: true, composed: true });
  }
}

/** Whether a part of the page loads. */
export function comes(load: () => Promise<unknown>): Promise<boolean> {
  return load()
    .then(() => true)
    .catch(() => false);
}

/** Loads a part of the page; a failure is reported above the view. @returns whether it loaded */
export async function fetchPart(asker: EventTarget, part: string, load: () => Promise<unknown>): Promise<boolean> {
  const isThere = await comes(load);
  if (!isThere) asker.dispatchEvent(new MissingPartEvent(part));
  return isThere;
}

declare global {
  interface HTMLElementEventMap {
    "missing-part": MissingPartEvent;
  }
}
