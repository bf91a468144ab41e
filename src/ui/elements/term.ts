import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Word as Entry } from "../../contracts";
import { NOT_LOADED } from "../missing-part";
import { base } from "../styles";
import { placeLink, termPlace } from "../visit";

/** Distance of the popover from its word, and from the edge of the window. */
const GAP = 6;
const EDGE = 8;

/**
 * A word with a definition: pressing it shows the definition and a link to the glossary. Escape or a press outside closes it and
 * restores the focus.
 * @slot the word
 */
@customElement("kelvin-term")
export class TermElement extends LitElement {
  static override readonly styles = [
    base,
    css`
      :host { display: inline; }
      button { display: inline; padding: 0; border: 0; background: none; font: inherit; color: inherit; text-align: inherit; text-decoration: underline dotted 1.5px; text-decoration-color: var(--k-line-strong); text-underline-offset: 0.22em; }
      button:hover, button[aria-expanded="true"] { text-decoration-style: solid; text-decoration-color: currentColor; }
      [popover] { position: fixed; inset: auto; margin: 0; width: min(22rem, calc(100vw - 1rem)); padding: var(--k-space-4) var(--k-space-5); border: 1px solid var(--k-line-strong); border-radius: var(--k-radius-3); background: var(--k-raised); color: var(--k-ink); box-shadow: var(--k-shadow-3); font: var(--k-weight) var(--k-text-sm) / 1.5 var(--k-font-sans); letter-spacing: normal; text-align: left; white-space: normal; }
      h3 { font-size: var(--k-text-md); font-weight: var(--k-weight-bold); margin-bottom: 0.2rem; }
      a { display: inline-block; margin-top: var(--k-space-3); color: inherit; text-underline-offset: 3px; }
    `,
  ];

  @property() name = "policy";
  @state() private open = false;
  @state() private entry: Entry | null = null;
  @state() private missing = false;

  override render() {
    return html`<button type="button" popovertarget="card" aria-expanded=${this.open} aria-haspopup="dialog"><slot></slot></button
      ><div id="card" popover role="dialog" aria-label=${this.entry?.title ?? "Definition"} @toggle=${this.onToggle}>${this.entry ? this.renderEntry(this.entry) : this.missing ? html`<p>The glossary ${NOT_LOADED}</p>` : nothing}</div>`;
  }

  private renderEntry({ title, text }: Entry) {
    return html`<h3>${title}</h3><p>${text}</p>${placeLink(termPlace(this.name), "In the glossary")}`;
  }

  private async onToggle(event: ToggleEvent): Promise<void> {
    const popover = event.currentTarget as HTMLElement;
    this.open = event.newState === "open";
    if (!this.open) return;
    const glossary = await import("../learn/glossary").catch(() => null);
    this.entry = glossary?.findWord(this.name) ?? null;
    this.missing = glossary === null;
    await this.updateComplete;
    this.place(popover);
  }

  /** Below the word if there is room, else above; always inside the window. */
  private place(popover: HTMLElement): void {
    const word = this.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = popover;
    const left = Math.max(EDGE, Math.min(word.left, innerWidth - width - EDGE));
    const below = word.bottom + GAP;
    const top = below + height <= innerHeight - EDGE ? below : Math.max(EDGE, word.top - GAP - height);
    popover.style.left = `${left}px`;
    popover.style.top = `${top}px`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-term": TermElement;
  }
}
