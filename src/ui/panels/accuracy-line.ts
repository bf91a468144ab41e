import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { TASK_TYPES } from "../../contracts";
import { fixed } from "../format";
import { headline, lastValue, suitesOf } from "../gauges";
import { icon } from "../icons";
import { type Store, StoreController } from "../store";
import { base, types } from "../styles";

/** Held-out accuracy in one line, for screens where the gauges are far below the stage. */
@customElement("kelvin-accuracy-line")
export class AccuracyLine extends LitElement {
  static override readonly styles = [
    base,
    types,
    css`
      p { display: flex; align-items: center; gap: 0.9rem; padding: 0.5rem var(--k-space-4); font-size: var(--k-text-xs); color: var(--k-ink-2); }
      .name { margin-right: auto; font-variant-numeric: normal; }
      b { color: var(--k-ink); font-size: var(--k-text-sm); }
    `,
  ];

  @property({ attribute: false }) store!: Store;

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    const { run } = this.store;
    const { series } = headline(run, suitesOf(run)[0] ?? "");
    return html`<section aria-label="Accuracy at a glance"><p class="number"><span class="name">Held-out accuracy</span>${TASK_TYPES.map(
      (type) => {
        const line = series.find(({ label }) => label === type);
        return html`<span class="type ${type}">${icon(type)}<span class="hidden">${type}</span><b>${line ? fixed(lastValue(line), 1) : "–"}</b></span>`;
      },
    )}</p></section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-accuracy-line": AccuracyLine;
  }
}
