import { css, html, type TemplateResult } from "lit";
import "../elements/view-tabs";
import type { Store } from "../store";
import { base } from "../styles";

/** A part of a view: the words of its tab, the first word of its place in the address, and what it shows. */
export interface ViewPart {
  readonly title: string;
  readonly detail: string;
  /** `opened` is the rest of the place: what is open in the part, "" for nothing. */
  readonly render: (opened: string) => TemplateResult;
}

export const partsStyles = [
  base,
  css`
    :host { display: grid; grid-template-rows: auto 1fr; gap: var(--k-space-4); padding: var(--k-space-4) var(--k-space-5) var(--k-space-5); }
  `,
];

/** A view of several parts: tabs, and below them the part that the address names, or the first. */
export function renderParts(
  store: Store,
  view: { readonly name: string; readonly title: string; readonly label: string },
  parts: readonly [ViewPart, ...ViewPart[]],
): TemplateResult {
  const [first, ...rest] = store.whereabouts.place.detail.split("/");
  const shown = parts.find(({ detail }) => detail === first) ?? parts[0];
  return html`<h1 class="hidden">${view.title}</h1>
    <kelvin-view-tabs label=${view.label} .tabs=${parts} .chosen=${shown.detail} @chosen=${(event: CustomEvent<string>) => store.whereabouts.show(view.name, event.detail)}></kelvin-view-tabs>
    ${shown.render(rest.join("/"))}`;
}
