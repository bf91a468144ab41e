import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { cutText, leftOut, MOST_LINES } from "../cut";
import { diffLines } from "../line-diff";
import { highlight, type SyntaxSpan } from "../python";
import { base, syntax } from "../styles";

/** Class in the syntax stylesheet; "number" is used for tabular digits already. */
export function syntaxClass(kind: SyntaxSpan["kind"]): string {
  return kind === "number" ? "number-literal" : kind;
}

/** A Python program with numbered lines; lines that `reference` lacks are marked `+`. */
@customElement("kelvin-code-listing")
export class CodeListing extends LitElement {
  static override readonly styles = [
    base,
    syntax,
    css`
      pre { font-family: var(--k-font-mono); font-size: var(--code-size, 0.875rem); line-height: 1.5; overflow-x: auto; }
      /* As wide as its longest line, so that the mark behind a line reaches its end. */
      code { font: inherit; display: block; width: max-content; min-width: 100%; }
      .line { display: flex; border-radius: var(--k-radius-1); padding-left: 0.5rem; margin-left: -0.5rem; }
      .mark { width: var(--code-gutter, 1.6rem); color: var(--k-ink-3); font-size: var(--code-mark, var(--k-text-2xs)); align-self: center; flex: none; user-select: none; }
      .added { background: var(--k-sunken); }
      .added .mark { color: var(--k-ink); font-weight: 700; font-size: var(--k-text-sm); }
      .text { white-space: pre; }
      .caret { display: inline-block; width: 0.5em; height: 1.05em; background: var(--k-ink); vertical-align: text-bottom; }
    `,
  ];

  @property() code = "";
  /** The program that this one varies; "" for none. */
  @property() reference = "";
  /** Whether it is still being generated: shows a caret at the end. */
  @property({ type: Boolean }) writing = false;
  @property() label = "Program";

  override render() {
    const code = cutText(this.code);
    const plain = () => code.split("\n").map((text) => ({ text, added: false }));
    const lines = this.reference === "" ? plain() : diffLines(cutText(this.reference), code).lines;
    const more = leftOut(lines.length, MOST_LINES, "lines");
    return html`<pre role="group" aria-label=${this.label}><code>${lines
      .slice(0, MOST_LINES)
      .map(({ text, added }, index) =>
        this.renderLine(text, added && !this.writing, index, index === lines.length - 1),
      )}${more}</code></pre>`;
  }

  private renderLine(text: string, added: boolean, index: number, last: boolean) {
    const mark = added ? html`<span class="hidden">added</span><span aria-hidden="true">+</span>` : index + 1;
    const spans = highlight(text).map((span) => html`<span class=${syntaxClass(span.kind)}>${span.text}</span>`);
    const caret = this.writing && last ? html`<span class="caret"></span>` : "";
    return html`<span class="line ${added ? "added" : ""}"><span class="mark number">${mark}</span><span class="text">${spans}${caret}</span></span>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-code-listing": CodeListing;
  }
}
