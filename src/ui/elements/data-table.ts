import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { base } from "../styles";

/** Plain rows under named columns; the first column names the row. The table behind a chart. */
@customElement("kelvin-data-table")
export class DataTable extends LitElement {
  static override readonly styles = [
    base,
    css`
      .scroll { overflow: auto; max-height: 18rem; border: 1px solid var(--k-line); border-radius: var(--k-radius-2); }
      table { border-collapse: collapse; width: 100%; font-size: var(--k-text-xs); }
      caption { text-align: left; padding: var(--k-space-3); color: var(--k-ink-2); }
      th, td { padding: 0.25rem 0.75rem; text-align: right; font-weight: var(--k-weight); border-top: 1px solid var(--k-line); white-space: nowrap; }
      thead th { position: sticky; top: 0; background: var(--k-raised); font-weight: var(--k-weight-medium); border-top: 0; }
      th:first-child { text-align: left; }
    `,
  ];

  @property() caption = "";
  @property({ attribute: false }) columns: readonly string[] = [];
  @property({ attribute: false }) rows: readonly (readonly string[])[] = [];

  override render() {
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${this.caption}><table class="number">
      <caption>${this.caption}</caption>
      <thead><tr>${this.columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>${this.rows.map(([first, ...rest]) => html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody>
    </table></div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-data-table": DataTable;
  }
}
