import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../elements/view-tabs";
import "../panels/compare-policies";
import "../panels/compare-runs";
import { type Store, StoreController } from "../store";
import { base } from "../styles";

/** Value of the place within the view. */
const RUNS = "runs";
const TABS = [
  { detail: "", title: "Base and trained" },
  { detail: RUNS, title: "Two runs" },
];

/** Two policies on one prompt, or two runs. */
@customElement("kelvin-compare-view")
export class CompareView extends LitElement {
  static override readonly styles = [
    base,
    css`
      :host { display: grid; grid-template-rows: auto 1fr; gap: var(--k-space-4); padding: var(--k-space-4) var(--k-space-5) var(--k-space-5); }
    `,
  ];

  @property({ attribute: false }) store!: Store;

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    const { store } = this;
    const runs = store.place.detail === RUNS;
    return html`<h1 class="hidden">Compare</h1><kelvin-view-tabs label="What is compared" .tabs=${TABS} .chosen=${runs ? RUNS : ""} @chosen=${(event: CustomEvent<string>) => store.show("compare", event.detail)}></kelvin-view-tabs>
      ${runs ? html`<kelvin-compare-runs .store=${store}></kelvin-compare-runs>` : html`<kelvin-compare-policies .store=${store}></kelvin-compare-policies>`}`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-compare-view": CompareView;
  }
}
