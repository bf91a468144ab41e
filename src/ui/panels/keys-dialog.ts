import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../elements/modal-dialog";
import { base } from "../styles";

/** What a key does, and where. */
interface Shortcut {
  readonly keys: readonly string[];
  readonly does: string;
}

const EVERYWHERE: readonly Shortcut[] = [
  { keys: ["Space"], does: "on Play: go on to the end of the next phase, then pause and explain" },
  { keys: ["F"], does: "presentation: large type for a room, and back" },
  { keys: ["←", "→"], does: "where you are asked which program is better: the left or the right one" },
  { keys: ["1", "2", "…"], does: "the views, in the order of the rail" },
  { keys: ["Esc"], does: "close what is open" },
  { keys: ["?"], does: "this list" },
];

const PRESENTING: readonly Shortcut[] = [
  { keys: ["Space", "→"], does: "next phase" },
  { keys: ["←"], does: "look back at the phase before; the run stays where it is" },
  { keys: ["P"], does: "run on without stopping, or pause" },
  { keys: ["R"], does: "step through the recorded run, which needs no GPU" },
  { keys: ["F", "Esc"], does: "leave the presentation" },
  { keys: ["?"], does: "this list" },
];

/**
 * The keys of the page.
 * @fires closed
 */
@customElement("kelvin-keys-dialog")
export class KeysDialog extends LitElement {
  static override readonly styles = [
    base,
    css`
      :host { display: contents; }
      dl { display: grid; grid-template-columns: auto 1fr; gap: var(--k-space-3) var(--k-space-5); align-items: baseline; font-size: var(--k-text-md); }
      dt { display: flex; gap: 0.3rem; }
      kbd { font: 600 0.85em var(--k-font-mono); border: 1px solid var(--k-line-strong); border-radius: var(--k-radius-1); padding: 0.1em 0.45em; }
    `,
  ];

  @property({ type: Boolean }) open = false;
  @property({ type: Boolean }) presenting = false;

  override render() {
    const shortcuts = this.presenting ? PRESENTING : EVERYWHERE;
    return html`<kelvin-dialog heading="Keys" .open=${this.open} @closed=${this.onClosed}>
      <dl>${shortcuts.map(({ keys, does }) => html`<dt>${keys.map((key) => html`<kbd>${key}</kbd>`)}</dt><dd>${does}</dd>`)}</dl>
    </kelvin-dialog>`;
  }

  private onClosed(): void {
    this.dispatchEvent(new CustomEvent("closed"));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-keys-dialog": KeysDialog;
  }
}
