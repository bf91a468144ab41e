import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { icon } from "../icons";
import { base, buttons } from "../styles";

/**
 * A titled dialog over the page; Escape and the button close it, and focus goes back to where it was.
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
      dialog { width: min(44rem, calc(100vw - 2rem)); max-height: calc(100vh - 2rem); padding: 0; border: 1px solid var(--k-line-strong); border-radius: var(--k-radius-3); background: var(--k-raised); color: var(--k-ink); box-shadow: var(--k-shadow-3); white-space: normal; font-size: var(--k-text-sm); }
      dialog::backdrop { background: var(--k-scrim); }
      .head { display: flex; align-items: center; justify-content: space-between; padding: var(--k-space-4) var(--k-space-3) 0 var(--k-space-5); }
      h2 { font-size: var(--k-text-lg); letter-spacing: var(--k-tracking-tight); }
      .body { display: grid; gap: var(--k-space-4); padding: var(--k-space-3) var(--k-space-5) var(--k-space-5); }
    `,
  ];

  @property() heading = "";
  @property({ type: Boolean }) open = false;

  override updated(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has("open")) return;
    const dialog = this.renderRoot.querySelector("dialog");
    if (this.open && !dialog?.open) dialog?.showModal();
    if (!this.open && dialog?.open) dialog.close();
  }

  override render() {
    return html`<dialog aria-labelledby="title" @close=${this.onClose}>
      <div class="head"><h2 id="title">${this.heading}</h2>
        <button class="button bare" type="button" aria-label="Close" @click=${this.close}>${icon("close")}</button></div>
      <div class="body"><slot></slot></div>
    </dialog>`;
  }

  private close(): void {
    this.renderRoot.querySelector("dialog")?.close();
  }

  private onClose(): void {
    this.open = false;
    this.dispatchEvent(new CustomEvent("closed"));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-dialog": ModalDialog;
  }
}
