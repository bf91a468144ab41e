import { html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../panels/compare-policies";
import "../panels/compare-runs";
import { type Store, StoreController } from "../store";
import { partsStyles, renderParts } from "./parts";

/** The part with two runs; their ids follow in the URL. */
const RUNS = "runs";

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
        detail: RUNS,
        render: (chosen) =>
          html`<kelvin-compare-runs .store=${store} .linked=${readSides(chosen)} @compared=${this.onCompared}></kelvin-compare-runs>`,
      },
    ]);
  }

  private onCompared({ detail }: CustomEvent<readonly string[]>): void {
    this.store.whereabouts.show("compare", [RUNS, ...detail.map((id) => id.replaceAll("/", ":"))].join("/"));
  }
}

/** Ids of runs in the URL, where colons replace slashes. */
function readSides(chosen: string): string[] {
  return chosen === "" ? [] : chosen.split("/").map((id) => id.replaceAll(":", "/"));
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-compare-view": CompareView;
  }
}
