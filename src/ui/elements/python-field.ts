import { css, html, LitElement } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { comes, NOT_LOADED } from "../missing-part";
import { base } from "../styles";

/**
 * A field for Python: the editor, loaded on demand, or a plain field if that fails.
 * @fires changed with the text
 */
@customElement("kelvin-python-field")
export class PythonField extends LitElement {
  static override readonly styles = [
    base,
    css`
      textarea { display: block; width: 100%; min-height: 7rem; padding: 0.5rem; border: 1px solid var(--k-line-strong); border-radius: var(--k-radius-2); background: var(--k-surface); color: var(--k-ink); font: var(--k-weight) 0.875rem / 1.4 var(--k-font-mono); resize: vertical; }
      p { color: var(--k-ink-3); font-size: var(--k-text-xs); font-weight: var(--k-weight); }
    `,
  ];

  @property() value = "";
  @property() label = "Python program";
  @state() private isPlain = false;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.fetch();
  }

  override render() {
    if (this.isPlain)
      return html`<textarea aria-label=${this.label} spellcheck="false" autocapitalize="off" .value=${this.value} @input=${this.onInput}></textarea>
        <p role="status">The editor for Python ${NOT_LOADED} This field does without its colours.</p>`;
    return html`<kelvin-python-editor label=${this.label} .value=${this.value} @changed=${this.onChanged}></kelvin-python-editor>`;
  }

  /** Loaded on demand, because the editor is large and most visits do not use it. */
  private async fetch(): Promise<void> {
    this.isPlain = !(await comes(() => import("./python-editor")));
  }

  private onInput(event: Event): void {
    this.say((event.currentTarget as HTMLTextAreaElement).value);
  }

  private onChanged(event: CustomEvent<string>): void {
    this.say(event.detail);
  }

  private say(value: string): void {
    this.value = value;
    this.dispatchEvent(new CustomEvent("changed", { detail: value }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-python-field": PythonField;
  }
}
