import { html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../panels/compare-policies";
import "../panels/compare-runs";
import { type Store, StoreController } from "../store";
import { partsStyles, renderParts } from "./parts";

/** Two policies on one prompt, or two runs. */
@customElement("kelvin-compare-view")
export class CompareView extends LitElement {
  static override readonly styles = partsStyles;

  @property({ attribute: false }) store!: Store;

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    const { store } = this;
    return renderParts(store, { name: "compare", title: "Compare", label: "What is compared" }, [
      {
        title: "Base and trained",
        detail: "",
        render: () => html`<kelvin-compare-policies .store=${store}></kelvin-compare-policies>`,
      },
      {
        title: "Two runs",
        detail: "runs",
        render: () => html`<kelvin-compare-runs .store=${store}></kelvin-compare-runs>`,
      },
    ]);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-compare-view": CompareView;
  }
}
