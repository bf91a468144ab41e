import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { SHOWN_PAIRS, type Task } from "../../contracts";
import { base } from "../styles";
import "./code-listing";
import { cutText } from "../cut";

/** The solver's view of a task: the program with its input or output, or pairs and a hint. */
@customElement("kelvin-task-given")
export class TaskGiven extends LitElement {
  static override readonly styles = [
    base,
    css`
      :host { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--k-space-3); }
      dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0.1rem var(--k-space-4); font-size: 0.875rem; }
      dt { color: var(--k-ink-3); font-size: var(--k-text-xs); align-self: center; }
      dd { font-family: var(--k-font-mono); overflow-wrap: anywhere; }
    `,
  ];

  @property({ attribute: false }) task!: Task;

  override render() {
    const { type, program, pairs, message } = this.task;
    const [pair] = pairs;
    switch (type) {
      case "deduction":
        return html`<kelvin-code-listing .code=${program}></kelvin-code-listing>${renderList([["input", cutText(pair?.input ?? "")]])}`;
      case "abduction":
        return html`<kelvin-code-listing .code=${program}></kelvin-code-listing>${renderList([["output", cutText(pair?.output ?? "")]])}`;
      case "induction": {
        const shown = pairs
          .slice(0, SHOWN_PAIRS)
          .map(({ input, output }) => ["example", cutText(`${input} → ${output}`)] as const);
        return renderList(message === "" ? shown : [...shown, ["hint", message]]);
      }
      case "integration":
        return renderList([["integrand", cutText(program)]]);
      default:
        return type satisfies never;
    }
  }
}

function renderList(rows: readonly (readonly [string, string])[]) {
  return html`<dl>${rows.map(([name, text]) => html`<dt>${name}</dt><dd>${text}</dd>`)}</dl>`;
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-task-given": TaskGiven;
  }
}
