/** Most parts of the page are fetched when they are first asked for; one that cannot be had is said, and asked for again. */

/** All that is known then: the browser does not say why a module could not be fetched. */
export const NOT_LOADED = "could not be loaded: there is no network, or the page was updated since it was opened.";

/** What to do about it. */
export const ASK_AGAIN = "Open it again once there is a network; after an update of the page, reload it first.";

/** Tells the app that a part was asked for and is not there; it says so above the view. */
class MissingPartEvent extends CustomEvent<string> {
  constructor(part: string) {
    super("missing-part", { detail: part, bubbles: true, composed: true });
  }
}

/** Whether a part of the page comes. */
export function comes(load: () => Promise<unknown>): Promise<boolean> {
  return load()
    .then(() => true)
    .catch(() => false);
}

/** Fetches a part of the page; one that cannot be had is said above the view. @returns whether it is there */
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
