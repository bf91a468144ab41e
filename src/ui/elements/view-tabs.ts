import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { base } from "../styles";

/** A part of a view. */
export interface ViewTab {
  readonly detail: string;
  readonly title: string;
}

/**
 * The tabs of a view's parts.
 * @fires chosen with the part's detail
 */
@customElement("kelvin-view-tabs")
export class ViewTabs extends LitElement {
  static override readonly styles = [
    base,
    css`
      nav { display: flex; flex-wrap: wrap; gap: var(--k-space-2) var(--k-space-5); border-bottom: 1px solid var(--k-line); }
      button { height: calc(var(--k-target) + 0.25rem); padding: 0; border: 0; border-bottom: 3px solid transparent; background: none; font-size: var(--k-text-md); color: var(--k-ink-2); }
      button:hover { color: var(--k-ink); }
      [aria-current] { color: var(--k-ink); font-weight: var(--k-weight-bold); border-color: var(--k-ink); }
    `,
  ];

  @property() label = "";
  @property({ attribute: false }) tabs: readonly ViewTab[] = [];
  @property() chosen = "";

  override render() {
    return html`<nav aria-label=${this.label}>${this.tabs.map(
      ({ detail, title }) =>
        html`<button type="button" aria-current=${detail === this.chosen ? "page" : nothing} @click=${() => this.choose(detail)}>${title}</button>`,
    )}</nav>`;
  }

  private choose(detail: string): void {
    this.dispatchEvent(new CustomEvent("chosen", { detail }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-view-tabs": ViewTabs;
  }
}
