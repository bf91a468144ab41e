import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Store } from "./store";
import { findView, VIEWS } from "./views";

/** Elements in which keys type text; shortcuts ignore them. */
const WRITABLE =
  "input:not([type=range]):not([type=checkbox]), select, textarea, [contenteditable=true], [role=textbox]";
/** Elements over the page that use keys themselves. */
const OVERLAY = "dialog, [popover], [role=menuitem]";

/** Elements that the space bar presses, opens or scrolls when focused. */
const PRESSABLE = "button, a, input, summary, [tabindex='0']";

/** Elements in which arrow keys move something. */
const MOVABLE = "input, [role=slider], [role=radio], [role=tab], [role=combobox]";

/** Whether a key is meant for a field, an overlay, or (with a modifier) the browser. */
export function isTyped(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return true;
  return comesFrom(event, `${WRITABLE}, ${OVERLAY}`);
}

/** Whether the space bar is meant for the focused control. */
export const isPressed = (event: KeyboardEvent): boolean => comesFrom(event, PRESSABLE);

/** Whether an arrow key is meant for the focused control. */
export const isMoved = (event: KeyboardEvent): boolean => comesFrom(event, MOVABLE);

function comesFrom(event: KeyboardEvent, selector: string): boolean {
  return event.composedPath().some((node) => node instanceof Element && node.matches(selector));
}

/** Navigates by digits, the URL and the browser's back button; the title names the current view. */
export class Navigation implements ReactiveController {
  constructor(private readonly host: ReactiveControllerHost & { readonly store: Store }) {
    host.addController(this);
  }

  hostConnected(): void {
    document.addEventListener("keydown", this.onKey);
    addEventListener("popstate", this.onHistory);
  }

  hostDisconnected(): void {
    document.removeEventListener("keydown", this.onKey);
    removeEventListener("popstate", this.onHistory);
  }

  hostUpdated(): void {
    const { title, name } = findView(this.host.store.whereabouts.place.view);
    const page = name === "play" ? "Kelvin: a small model learns by self-play" : `${title} · Kelvin`;
    if (document.title !== page) document.title = page;
  }

  private readonly onHistory = (): void => this.host.store.whereabouts.comeBack(location.search);

  private readonly onKey = (event: KeyboardEvent): void => {
    if (isTyped(event)) return;
    const { store } = this.host;
    const view = /^[1-9]$/u.test(event.key) ? VIEWS[Number(event.key) - 1] : undefined;
    if (view && !store.whereabouts.presenting) store.whereabouts.show(view.name);
    if (event.key.toLowerCase() === "f") store.whereabouts.present(!store.whereabouts.presenting);
  };
}
