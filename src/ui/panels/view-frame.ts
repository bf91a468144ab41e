import { css, html, LitElement, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { icon } from "../icons";
import { NOT_LOADED } from "../missing-part";
import type { Store } from "../store";
import { base, buttons } from "../styles";
import type { View } from "../views";

/** The element of a view; each takes the store. */
type ViewElement = HTMLElement & { store: Store };

/** Shows the current view; its code is loaded on first use. */
@customElement("kelvin-view-frame")
export class ViewFrame extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    css`
      :host { display: grid; }
      .said { display: grid; justify-items: start; gap: var(--k-space-4); padding: var(--k-space-6) var(--k-space-5); color: var(--k-ink-2); }
      .said p { display: flex; gap: var(--k-space-3); align-items: center; }
      .failed .icon { color: var(--k-danger); }
    `,
  ];

  @property({ attribute: false }) store!: Store;
  @property({ attribute: false }) view!: View;
  @state() private element: ViewElement | null = null;
  @state() private failed = false;

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("view")) void this.open();
  }

  override render() {
    if (this.failed) {
      return html`<div class="said failed" role="alert"><p>${icon("caution")}${this.view.title} ${NOT_LOADED}</p>
        <button class="button" type="button" @click=${this.open}>Try again</button></div>`;
    }
    return this.element ?? html`<div class="said"><p>Loading ${this.view.title}…</p></div>`;
  }

  private readonly open = async (): Promise<void> => {
    const { view } = this;
    this.failed = false;
    this.element = null;
    try {
      await view.load?.();
    } catch {
      // The browser does not say why a module failed to load; the advice is the same.
      if (view === this.view) this.failed = true;
      return;
    }
    if (view !== this.view) return;
    this.failed = false;
    const element = document.createElement(`kelvin-${view.name}-view`) as ViewElement;
    element.store = this.store;
    this.element = element;
  };
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-view-frame": ViewFrame;
  }
}
