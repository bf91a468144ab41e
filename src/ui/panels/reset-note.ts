import { css, html, type TemplateResult } from "lit";
import { icon } from "../icons";
import type { Store } from "../store";

/** Styles for sheets with a reset note. */
export const resetNotes = css`
  .held { display: flex; flex-wrap: wrap; align-items: center; gap: var(--k-space-3) var(--k-space-4); color: var(--k-ink-2); }
`;

/**
 * Says that a sheet is read-only during a run, with a Reset button: a phone's bar has no room for one.
 * @param freed called after the reset, because the pressed button is gone
 */
export function resetNote(store: Store, freed: () => void): TemplateResult {
  const reset = (): void => {
    store.reset();
    freed();
  };
  return html`<p class="held"><span>A ${store.timeline ? "recorded run" : "run"} is on screen: press Reset to set up the next one.</span>
    <button class="button" type="button" @click=${reset}>${icon("reset")}Reset</button></p>`;
}
