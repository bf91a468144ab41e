import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { bracketMatching, HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { base } from "../styles";

/** The page's own colours for Python. */
const COLORS = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword], color: "var(--k-syn-keyword)", fontWeight: "600" },
  { tag: [tags.number, tags.bool], color: "var(--k-syn-number)" },
  { tag: [tags.function(tags.variableName), tags.standard(tags.name)], color: "var(--k-syn-builtin)" },
  { tag: [tags.comment, tags.string], color: "var(--k-syn-value)" },
  { tag: [tags.punctuation, tags.operator], color: "var(--k-syn-punct)" },
]);

const THEME = EditorView.theme({
  "&": { color: "var(--k-ink)", backgroundColor: "var(--k-surface)", fontSize: "0.875rem" },
  ".cm-content": {
    fontFamily: "var(--k-font-mono)",
    caretColor: "var(--k-ink)",
    padding: "0.5rem 0",
    minHeight: "6rem",
  },
  ".cm-gutters": { backgroundColor: "var(--k-surface)", color: "var(--k-ink-3)", border: "0" },
  "&.cm-focused": { outline: "none" },
  ".cm-cursor": { borderLeftColor: "var(--k-ink)" },
});

/**
 * A field for Python. Tab leaves it, as it leaves every other field; Enter indents.
 * @fires changed with the text
 */
@customElement("kelvin-python-editor")
export class PythonEditor extends LitElement {
  static override readonly styles = [
    base,
    css`
      .field { font-weight: var(--k-weight); border: 1px solid var(--k-line-strong); border-radius: var(--k-radius-2); background: var(--k-surface); overflow: hidden; }
      .field:focus-within { outline: 3px solid var(--k-focus); outline-offset: 2px; }
    `,
  ];

  @property() value = "";
  @property() label = "Python program";
  private view: EditorView | null = null;

  override render() {
    return html`<div class="field"></div>`;
  }

  override firstUpdated(): void {
    const parent = this.renderRoot.querySelector(".field") ?? undefined;
    this.view = new EditorView({ parent, root: this.renderRoot as ShadowRoot, state: this.stateOf(this.value) });
  }

  override updated(): void {
    if (!this.view || this.view.state.doc.toString() === this.value) return;
    this.view.setState(this.stateOf(this.value));
  }

  override focus(): void {
    this.view?.focus();
  }

  private stateOf(doc: string): EditorState {
    return EditorState.create({
      doc,
      extensions: [
        lineNumbers(),
        history(),
        indentUnit.of("    "),
        python(),
        bracketMatching(),
        syntaxHighlighting(COLORS),
        keymap.of([...defaultKeymap, ...historyKeymap]),
        EditorView.contentAttributes.of({ "aria-label": this.label }),
        EditorView.updateListener.of(({ docChanged, state }) => docChanged && this.say(state.doc.toString())),
        THEME,
      ],
    });
  }

  private say(value: string): void {
    this.value = value;
    this.dispatchEvent(new CustomEvent("changed", { detail: value }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-python-editor": PythonEditor;
  }
}
