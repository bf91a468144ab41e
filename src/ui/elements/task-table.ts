import type { RangeChangedEvent } from "@lit-labs/virtualizer";
import "@lit-labs/virtualizer";
import type { LitVirtualizer } from "@lit-labs/virtualizer";
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import type { TaskRecord } from "../../telemetry/task-book";
import { abridged, fixed, plural, stepNumber } from "../format";
import { icon } from "../icons";
import { highlight } from "../python";
import { TASK_TITLE } from "../reading";
import { base, syntax, types } from "../styles";
import { type SortKey, type TaskOrder, taskLine } from "../task-list";
import { syntaxClass } from "./code-listing";

interface Column {
  readonly key: SortKey;
  readonly title: string;
  /** The full title, for narrow columns. */
  readonly spoken: string;
}

const COLUMNS: readonly Column[] = [
  { key: "arrival", title: "Task", spoken: "Task, in order of arrival" },
  { key: "type", title: "Type", spoken: "Type" },
  { key: "step", title: "Step", spoken: "Step whose proposer wrote it" },
  { key: "statements", title: "Lines", spoken: "Statements of the program" },
  { key: "rate", title: "Solved", spoken: "Solve rate when it was rated" },
  { key: "right", title: "Answers", spoken: "Right answers of all seen" },
  { key: "used", title: "Used", spoken: "Answers trained on" },
];

/** Characters of a row; the opened task has all. */
const LONGEST_LINE = 120;

/**
 * A sortable table of thousands of tasks; only visible rows exist. Arrow keys move between rows, Enter opens one.
 * @fires sorted with the new order
 * @fires opened with the task's id
 */
@customElement("kelvin-task-table")
export class TaskTable extends LitElement {
  static override readonly styles = [
    base,
    syntax,
    types,
    css`
      :host { container-type: inline-size; display: block; min-height: 0; }
      [role="table"] { display: flex; flex-direction: column; height: 100%; border: 1px solid var(--k-line); border-radius: var(--k-radius-3); background: var(--k-surface); overflow: hidden; }
      [role="row"] { display: grid; grid-template-columns: minmax(0, 1fr) 6.4rem 3.6rem 3.4rem 4.2rem 5.6rem 3.2rem; align-items: center; gap: 0 0.5rem; width: 100%; padding: 0 var(--k-space-4); font-size: var(--k-text-xs); }
      .head { border-bottom: 1px solid var(--k-line); background: var(--k-raised); }
      .head button { width: 100%; height: var(--k-target); padding: 0; border: 0; background: none; font-weight: var(--k-weight-medium); text-align: inherit; white-space: nowrap; }
      .head button:hover { text-decoration: underline; text-underline-offset: 2px; }
      [aria-sort="ascending"] button::after { content: " ↑"; }
      [aria-sort="descending"] button::after { content: " ↓"; }
      .figure { text-align: right; }
      lit-virtualizer { flex: 1; min-height: 0; contain: strict; }
      .line { min-height: 2rem; border-bottom: 1px solid var(--k-line); cursor: pointer; }
      .line:hover { background: var(--k-hover); }
      .line.chosen { background: var(--k-sunken); box-shadow: inset 3px 0 0 var(--k-ink); }
      .open { display: block; width: 100%; min-height: 1.9rem; padding: 0.2rem 0; border: 0; background: none; text-align: left; font-family: var(--k-font-mono); overflow-wrap: anywhere; white-space: pre-wrap; }
      .open:focus-visible { outline-offset: -3px; box-shadow: none; }
      .none { padding: var(--k-space-6) var(--k-space-5); color: var(--k-ink-3); text-align: center; }
      @container (max-width: 46rem) {
        [role="row"] { grid-template-columns: minmax(0, 1fr) 1.3rem 3.4rem 2.8rem 3.6rem 5.6rem 2.7rem; }
        .type > span { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
        .head .type { visibility: hidden; }
      }
      @container (max-width: 40rem) {
        [role="row"] { grid-template-columns: minmax(0, 1fr) 1.3rem 3.4rem 3.4rem; }
        .lines, .right, .used { display: none; }
        .line, .open { min-height: 2.75rem; }
      }
    `,
  ];

  @property({ attribute: false }) records: readonly TaskRecord[] = [];
  @property({ attribute: false }) order: TaskOrder = { key: "arrival", descending: false };
  /** Id of the opened task. */
  @property() chosen = "";
  @property() label = "Tasks";
  /** Text for an empty table. */
  @property() empty = "No task.";
  /** The row in the tab order. */
  @state() private current = 0;
  @query("lit-virtualizer") private readonly list!: LitVirtualizer<TaskRecord> | null;

  override render() {
    return html`<div role="table" aria-label=${this.label} aria-rowcount=${this.records.length + 1}>
      <div role="rowgroup"><div role="row" class="head" aria-rowindex="1">${COLUMNS.map((column) => this.renderHead(column))}</div></div>
      ${this.records.length === 0 ? html`<p class="none">${this.empty}</p>` : this.renderRows()}
    </div>`;
  }

  private renderRows() {
    return html`<lit-virtualizer scroller role="rowgroup" .items=${[...this.records]} .renderItem=${this.renderRow}
      @keydown=${this.onKey} @rangeChanged=${this.onRange}></lit-virtualizer>`;
  }

  private renderHead({ key, title, spoken }: Column) {
    const { order } = this;
    const sort = order.key !== key ? nothing : order.descending ? "descending" : "ascending";
    return html`<span role="columnheader" class="${key === "arrival" || key === "type" ? "" : "figure"} ${classOf(key)}" aria-sort=${sort}>
      <button type="button" title=${spoken} aria-label=${spoken} @click=${() => this.sort(key)}>${title}</button></span>`;
  }

  private readonly renderRow = (record: TaskRecord, index: number) => {
    const { task, solveRate, judged, right, used } = record;
    const chosen = task.id === this.chosen;
    return html`<div role="row" class="line ${task.type} ${chosen ? "chosen" : ""}" aria-rowindex=${index + 2} @click=${() => this.open(task.id)}>
      <span role="rowheader"><button type="button" class="open" data-index=${index} tabindex=${index === this.current ? 0 : -1} aria-expanded=${chosen}>${spans(abridged(taskLine(task), LONGEST_LINE))}</button></span>
      <span role="cell" class="type">${icon(task.type)}<span>${TASK_TITLE[task.type]}</span></span>
      <span role="cell" class="figure number">${task.step < 0 ? "seed" : stepNumber(task.step)}</span>
      <span role="cell" class="figure number lines">${task.statements}</span>
      <span role="cell" class="figure number">${solveRate === null ? "–" : fixed(solveRate)}</span>
      <span role="cell" class="figure number right">${judged === 0 ? "–" : `${right} of ${judged}`}</span>
      <span role="cell" class="figure number used" title=${plural(used, "answer")}>${used}</span>
    </div>`;
  };

  private sort(key: SortKey): void {
    const again = key === this.order.key;
    const detail: TaskOrder = { key, descending: again ? !this.order.descending : key !== "arrival" };
    this.dispatchEvent(new CustomEvent("sorted", { detail }));
  }

  private open(id: string): void {
    this.dispatchEvent(new CustomEvent("opened", { detail: id }));
  }

  /** Keeps an existing row in the tab order. */
  private onRange({ first, last }: RangeChangedEvent): void {
    const current = Math.min(Math.max(this.current, first), last);
    if (current !== this.current) this.current = Math.max(0, current);
  }

  private async onKey(event: KeyboardEvent): Promise<void> {
    const moves: Readonly<Record<string, number>> = {
      ...{ ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 },
      ...{ Home: -this.records.length, End: this.records.length },
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    const focused = event.target instanceof HTMLElement ? Number(event.target.dataset["index"] ?? this.current) : 0;
    this.current = Math.min(this.records.length - 1, Math.max(0, focused + move));
    this.list?.element(this.current)?.scrollIntoView({ block: "nearest" });
    await this.updateComplete;
    await this.list?.layoutComplete;
    this.list?.querySelector<HTMLElement>(`[data-index="${this.current}"]`)?.focus();
  }
}

function classOf(key: SortKey): string {
  return key === "statements" ? "lines" : key === "right" || key === "used" || key === "type" ? key : "";
}

function spans(line: string) {
  return highlight(line).map(({ kind, text }) => html`<span class=${syntaxClass(kind)}>${text}</span>`);
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-task-table": TaskTable;
  }
}
