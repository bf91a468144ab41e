import type WaDialog from "@awesome.me/webawesome/dist/components/dialog/dialog.js";
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { icon } from "../icons";
import { fetchPart } from "../missing-part";
import { base, buttons } from "../styles";

/** Loaded with the first dialog. */
const loadDialog = () => import("@awesome.me/webawesome/dist/components/dialog/dialog.js");

/**
 * A titled dialog over the page. Escape, the button, or a press outside closes it and restores the focus.
 * @fires closed
 * @slot content
 */
@customElement("kelvin-dialog")
export class ModalDialog extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    css`
      :host { display: contents; }
      wa-dialog { --width: min(44rem, calc(100vw - 2rem)); --spacing: 0; white-space: normal; font-size: var(--k-text-sm); }
      wa-dialog::part(dialog) { max-width: calc(100vw - 2rem); max-height: calc(100vh - 2rem); border: 1px solid var(--k-line-strong); color: var(--k-ink); }
      .head { position: sticky; top: 0; display: flex; align-items: center; justify-content: space-between; padding: var(--k-space-4) var(--k-space-3) 0 var(--k-space-5); background: var(--k-raised); }
      h2 { font-size: var(--k-text-lg); letter-spacing: var(--k-tracking-tight); }
      .body { display: grid; gap: var(--k-space-4); padding: var(--k-space-3) var(--k-space-5) var(--k-space-5); }
    `,
  ];

  @property() heading = "";
  @property({ type: Boolean }) open = false;
  @state() private loaded = false;

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("open") && this.open && !this.loaded) void this.fetch();
  }

  /** If loading fails, the dialog closes; the next press tries again. */
  private async fetch(): Promise<void> {
    this.loaded = await fetchPart(this, `“${this.heading}”`, loadDialog);
    if (!this.loaded) this.leave();
  }

  override render() {
    if (!this.loaded) return nothing;
    return html`<wa-dialog without-header light-dismiss label=${this.heading} ?open=${this.open} @wa-after-hide=${this.onHidden}>
      <div class="head"><h2>${this.heading}</h2>
        <button class="button bare" type="button" aria-label="Close" @click=${this.close}>${icon("close")}</button></div>
      <div class="body"><slot></slot></div>
    </wa-dialog>`;
  }

  private close(): void {
    const dialog = this.renderRoot.querySelector<WaDialog>("wa-dialog");
    if (dialog) dialog.open = false;
  }

  /** Menus inside a dialog fire the same event; ignore theirs. */
  private onHidden(event: Event): void {
    if (event.target === event.currentTarget) this.leave();
  }

  private leave(): void {
    this.open = false;
    this.dispatchEvent(new CustomEvent("closed"));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-dialog": ModalDialog;
  }
}
