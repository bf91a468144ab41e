import { css, html, LitElement, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { base } from "../styles";

type Katex = typeof import("../math/katex");

/** A formula in TeX. Shows its plain text until KaTeX is loaded, or for good if that fails. */
@customElement("kelvin-formula")
export class Formula extends LitElement {
  static override readonly styles = [
    base,
    css`
      :host { display: block; overflow: auto hidden; overscroll-behavior-x: contain; }
      :host([inline]) { display: inline-block; overflow: visible; }
      .math { font-size: var(--formula-size, 1rem); padding-block: 0.15rem; }
      .plain { font-family: var(--k-font-mono); font-size: 0.85em; color: var(--k-ink-2); white-space: pre-wrap; }
      .katex-display { margin: 0; text-align: left; }
      .katex-display > .katex { text-align: left; }
      .katex-display > .katex > .katex-html { text-align: left; }
    `,
  ];

  @property() tex = "";
  /** The formula in words and plain signs. */
  @property() plain = "";
  @property({ type: Boolean, reflect: true }) inline = false;
  @state() private katex: Katex | null = null;
  private readonly resizer = new ResizeObserver(() => this.markWide());

  override connectedCallback(): void {
    super.connectedCallback();
    this.resizer.observe(this);
    document.fonts.addEventListener("loadingdone", this.markWide);
    void this.fetch();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resizer.disconnect();
    document.fonts.removeEventListener("loadingdone", this.markWide);
  }

  override render() {
    return this.katex ? html`<div class="math"></div>` : html`<div class="plain">${this.plain || this.tex}</div>`;
  }

  override updated(changed: PropertyValues<this>): void {
    const place = this.renderRoot.querySelector<HTMLElement>(".math");
    if (!this.katex || !place) return;
    if (changed.has("tex") || place.childElementCount === 0) this.katex.draw(this.tex, place, !this.inline);
    this.markWide();
  }

  /** A formula wider than its box scrolls, so it must be reachable by keyboard. */
  private readonly markWide = (): void => {
    const wide = !this.inline && this.scrollWidth > this.clientWidth + 1;
    for (const [name, value] of [
      ["tabindex", "0"],
      ["role", "group"],
      ["aria-label", "Formula"],
    ] as const)
      if (wide) this.setAttribute(name, value);
      else this.removeAttribute(name);
  };

  private async fetch(): Promise<void> {
    // If loading fails, the plain text stays.
    const katex = await import("../math/katex").catch(() => null);
    if (katex && this.shadowRoot)
      this.shadowRoot.adoptedStyleSheets = [katex.sheet, ...this.shadowRoot.adoptedStyleSheets];
    this.katex = katex;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-formula": Formula;
  }
}
