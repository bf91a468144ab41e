import { css, html, nothing, type TemplateResult } from "lit";
import "../elements/view-tabs";
import { missingNote } from "../panels/failure-note";
import type { Store } from "../store";
import { base, notes } from "../styles";

/** A part of a view: its tab, the first word of its place in the URL, and its content. */
export interface ViewPart {
  readonly title: string;
  readonly detail: string;
  /** The first word of the URL's place when something is open in the part, if different. */
  readonly opening?: string;
  /** `opened` is the rest of the place: what is open in the part, "" for nothing. */
  readonly render: (opened: string) => TemplateResult;
}

export const partsStyles = [
  base,
  notes,
  css`
    :host { display: grid; grid-template-rows: auto 1fr; gap: var(--k-space-4); padding: var(--k-space-4) var(--k-space-5) var(--k-space-5); }
    .head { display: grid; gap: var(--k-space-4); min-width: 0; }
  `,
];

/** A view of several parts: tabs, and the part that the URL names, or the first. */
export function renderParts(
  store: Store,
  view: { readonly name: string; readonly title: string; readonly label: string },
  parts: readonly [ViewPart, ...ViewPart[]],
): TemplateResult {
  const [first = "", ...rest] = store.whereabouts.place.detail.split("/");
  const named = parts.find(({ detail, opening }) => detail === first || opening === first);
  const shown = named ?? parts[0];
  return html`<h1 class="hidden">${view.title}</h1>
    <div class="head">
      <kelvin-view-tabs label=${view.label} .tabs=${parts} .chosen=${shown.detail} @chosen=${(event: CustomEvent<string>) => store.whereabouts.show(view.name, event.detail)}></kelvin-view-tabs>
      ${named ? nothing : missingNote(store, `“${shown.title}” is shown instead.`)}
    </div>
    ${shown.render(rest.join("/"))}`;
}
