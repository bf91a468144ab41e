import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { heat } from "../heat";
import { icon } from "../icons";
import { base, heatColors } from "../styles";

/**
 * A reward or advantage in its heat colour: label and signed number; a button if it can be explained.
 * @fires explain when it is pressed
 */
@customElement("kelvin-heat-chip")
export class HeatChip extends LitElement {
  static override readonly styles = [
    base,
    heatColors,
    css`
      :host { display: inline-block; }
      .chip { display: inline-flex; align-items: center; gap: 0.4rem; height: var(--chip-height, 1.5rem); padding: 0 0.55rem; border: 0; border-radius: var(--k-radius-1); font-size: var(--k-text-xs); font-weight: var(--k-weight-bold); background: var(--heat); color: var(--on-heat); white-space: nowrap; }
      .chip > span { font-weight: var(--k-weight); }
      .icon { width: 0.9rem; height: 0.9rem; }
      button:hover { text-decoration: underline; text-underline-offset: 2px; }
    `,
  ];

  @property() label = "";
  /** The number as text. */
  @property() text = "";
  /** The number that decides the colour. */
  @property({ type: Number }) value = 0;
  @property({ type: Boolean }) explainable = false;
  @property({ type: Boolean }) expanded = false;

  override render() {
    const content = html`<span>${this.label}</span>${this.text}${this.explainable ? icon("question") : nothing}`;
    if (!this.explainable) return html`<span class="chip number" data-heat=${heat(this.value)}>${content}</span>`;
    return html`<button
      type="button" class="chip number" data-heat=${heat(this.value)} aria-expanded=${this.expanded}
      aria-label="${this.label} ${this.text}, why this number?" @click=${this.ask}
    >${content}</button>`;
  }

  private ask(): void {
    this.dispatchEvent(new CustomEvent("explain", { bubbles: true, composed: true }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-heat-chip": HeatChip;
  }
}
