import { css, html, type TemplateResult } from "lit";
import { icon } from "../icons";
import type { Store } from "../store";

/** For a sheet that holds a reset note. */
export const resetNotes = css`
  .held { display: flex; flex-wrap: wrap; align-items: center; gap: var(--k-space-3) var(--k-space-4); color: var(--k-ink-2); }
`;

/**
 * Why a sheet can only be read while a run is on screen, and the way on: a phone's bar has no room for Reset.
 * @param freed what the sheet does after the reset: the button that was pressed is gone
 */
export function resetNote(store: Store, freed: () => void): TemplateResult {
  const reset = (): void => {
    store.reset();
    freed();
  };
  return html`<p class="held"><span>A ${store.timeline ? "recorded run" : "run"} is on screen: press Reset to set up the next one.</span>
    <button class="button" type="button" @click=${reset}>${icon("reset")}Reset</button></p>`;
}
