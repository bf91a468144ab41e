import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { bytes } from "../format";
import { base, progressBars } from "../styles";

/** Progress of one thing that is being loaded, and its purpose. */
@customElement("kelvin-load-bar")
export class LoadBar extends LitElement {
  static override readonly styles = [
    base,
    progressBars,
    css`
      :host { display: grid; grid-template-columns: 5rem minmax(4rem, 14rem) auto; align-items: center; gap: var(--k-space-4); font-size: var(--k-text-xs); color: var(--k-ink-2); }
      @media (max-width: 720px) { :host { grid-template-columns: 4.5rem 1fr; gap: 0.2rem var(--k-space-4); } .count { grid-column: 2; } }
    `,
  ];

  @property() name = "";
  @property() purpose = "";
  /** Unit of the counts. */
  @property() unit: "bytes" | "kernels" = "bytes";
  @property({ type: Number }) loaded = 0;
  /** Text when loading is complete but not finished; "" shows "ready". */
  @property() settling = "";
  /** Total; 0 while unknown. */
  @property({ type: Number }) total = 0;

  override render() {
    const max = Math.max(1, this.total);
    return html`<span>${this.name}</span>
      <progress max=${max} value=${Math.min(max, this.loaded)} aria-label="${this.name}, ${this.count}"></progress>
      <span class="count number">${this.count}</span>`;
  }

  private get count(): string {
    if (this.total === 0) return this.purpose;
    if (this.loaded >= this.total) return `${this.measure(this.total)}, ${this.settling || "ready"}`;
    return `${this.measure(this.loaded)} of ${this.measure(this.total)}, ${this.purpose}`;
  }

  private measure(count: number): string {
    return this.unit === "bytes" ? bytes(count) : `${count} kernels`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-load-bar": LoadBar;
  }
}
