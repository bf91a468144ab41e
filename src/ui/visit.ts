/** Links to places of the page: real addresses, followed without reloading. */
import { html, nothing, type TemplateResult } from "lit";
import { type Place, withPlace } from "./place";

/** Asks the app to go to a place. */
class VisitEvent extends CustomEvent<Place> {
  constructor(place: Place) {
    super("visit", { detail: place, bubbles: true, composed: true });
  }
}

/** A link to a place; it is marked if it is the current one. Clicks with a modifier key are left to the browser. */
export function placeLink(place: Place, content: unknown, current = false): TemplateResult {
  const onClick = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    event.currentTarget?.dispatchEvent(new VisitEvent(place));
  };
  return html`<a href=${withPlace(location.search, place)} aria-current=${current ? "page" : nothing} @click=${onClick}>${content}</a>`;
}

/** A page of Learn, or a term of its glossary. */
export const learnPlace = (page: string): Place => ({ view: "learn", detail: page });
export const termPlace = (term: string): Place => learnPlace(`glossary/${term}`);

declare global {
  interface HTMLElementEventMap {
    visit: VisitEvent;
  }
}
