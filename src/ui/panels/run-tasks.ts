import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { TASK_TYPES, type TaskType } from "../../contracts";
import type { TaskRecord } from "../../telemetry/task-book";
import { controls, select } from "../elements/controls";
import "../elements/task-table";
import { plural, whole } from "../format";
import { TASK_TITLE } from "../reading";
import { type Store, StoreController } from "../store";
import { base, buttons, fields } from "../styles";
import {
  filterTasks,
  NO_FILTER,
  RATE_BANDS,
  type RateBand,
  sortTasks,
  type TaskFilter,
  type TaskOrder,
} from "../task-list";
import "./difficulty-map";
import "./task-details";

/** Shortest time between two updates of the list during a run. */
const REFRESH_MS = 1000;

/**
 * The tasks of the run on screen: filters, table, map, and the opened task.
 * @fires opened with the id of a task, or "" when it is closed
 */
@customElement("kelvin-run-tasks")
export class RunTasks extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    fields,
    controls,
    css`
      :host { display: grid; grid-template: auto minmax(0, 1fr) auto / minmax(0, 1.35fr) minmax(22rem, 1fr); gap: var(--k-space-4); min-height: 0; }
      form { grid-column: 1 / -1; display: flex; flex-wrap: wrap; align-items: end; gap: var(--k-space-3) var(--k-space-4); }
      label { display: grid; gap: 0.15rem; font-size: var(--k-text-xs); color: var(--k-ink-2); }
      .step input { width: 5rem; }
      wa-select { width: 8.5rem; }
      wa-select[name="rate"] { width: 10.5rem; }
      .text { flex: 1 1 10rem; max-width: 20rem; }
      .text input { width: 100%; font-family: var(--k-font-mono); }
      .count { margin-left: auto; color: var(--k-ink-3); font-size: var(--k-text-xs); align-self: center; }
      kelvin-task-table { min-height: 20rem; }
      .side { display: grid; grid-template-columns: minmax(0, 1fr); align-content: start; gap: var(--k-space-4); contain: size; overflow: auto; }
      kelvin-task-details { scroll-margin: 5rem 0; }
      .awaited { display: flex; gap: var(--k-space-4); align-items: center; justify-content: space-between; padding: var(--k-space-4); border: 1px solid var(--k-line); border-radius: var(--k-radius-2); background: var(--k-surface); }
      .note { grid-column: 1 / -1; font-size: var(--k-text-xs); color: var(--k-ink-3); }
      @media (max-width: 1279px) { kelvin-task-table { height: 32rem; } .side { contain: none; overflow: visible; } }
      @media (max-width: 1000px) { :host { grid-template: none / minmax(0, 1fr); } .side { order: 2; } }
      @media (max-width: 720px) { kelvin-task-table { height: 26rem; } .count { margin-left: 0; } .text { max-width: none; flex-basis: 100%; } }
    `,
  ];

  @property({ attribute: false }) store!: Store;
  @state() private filter: TaskFilter = NO_FILTER;
  @state() private order: TaskOrder = { key: "arrival", descending: true };
  /** Id of the opened task, from the URL. */
  @property() opened = "";
  private all: readonly TaskRecord[] = [];
  private shown: readonly TaskRecord[] = [];
  private found: readonly TaskRecord[] = [];
  private version = -1;
  private refreshed = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    new StoreController(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    const asked = changed.has("filter") || changed.has("order");
    const stale = this.version !== this.store.tasks.version;
    const rest = this.refreshed + REFRESH_MS - performance.now();
    if (stale && !asked && this.version >= 0 && rest > 0) {
      this.timer ??= setTimeout(() => this.wake(), rest);
      return;
    }
    if (stale) this.readBook();
    if (!stale && !asked) return;
    this.found = filterTasks(this.all, this.filter);
    this.shown = sortTasks(this.found, this.order);
  }

  override render() {
    const opened = this.opened === "" ? null : this.store.tasks.find(this.opened);
    return html`${this.renderFilters()}
      <kelvin-task-table label="Tasks of the run" .records=${this.shown} .order=${this.order} .chosen=${this.opened} empty=${this.emptyWords()}
        @sorted=${(event: CustomEvent<TaskOrder>) => this.sort(event.detail)} @opened=${(event: CustomEvent<string>) => this.open(event.detail)}></kelvin-task-table>
      <div class="side">
        ${opened ? html`<kelvin-task-details .store=${this.store} .record=${opened} @closed=${() => this.open("")}></kelvin-task-details>` : this.renderAwaited()}
        <kelvin-difficulty-map .records=${this.found}></kelvin-difficulty-map>
      </div>
      ${this.renderThinned()}`;
  }

  private renderFilters() {
    const { filter } = this;
    return html`<form aria-label="Filter" @submit=${(event: Event) => event.preventDefault()} @input=${this.onFilter}>
      ${select({ label: "Type", name: "type", value: filter.type, options: [["all", "all types"], ...TASK_TYPES.map((type) => [type, TASK_TITLE[type]] as const)] })}
      ${select({ label: "Solved", name: "rate", value: filter.rate, options: Object.entries(RATE_BANDS) })}
      <label class="step">From step <input name="from" type="number" min="0" title="0: the seeds, from before the first step" /></label>
      <label class="step">to step <input name="to" type="number" min="0" /></label>
      <label class="text">Program or value <input name="text" type="search" autocomplete="off" spellcheck="false" /></label>
      <p class="count number" role="status">${this.countWords()}</p>
    </form>`;
  }

  /** A link may name a task that the run has not reached yet. */
  private renderAwaited() {
    if (this.opened === "") return nothing;
    const words = this.store.started
      ? "The task that was opened is not in this run, or has not been written yet; it opens here when it is."
      : "This address opens a task of a run. Start the run it is from, or play its recording, and the task opens here.";
    return html`<p class="awaited" role="status">${words} <button class="button" type="button" @click=${() => this.open("")}>Close</button></p>`;
  }

  private renderThinned() {
    const thinned = this.store.run.header?.thinned;
    if (!thinned) return nothing;
    return html`<p class="note">This recording keeps ${whole(thinned.kept)} of ${whole(thinned.of)} samples: every task and its solve rate is here, not every answer to it.</p>`;
  }

  private countWords(): string {
    const all = this.all.length;
    return this.shown.length === all ? plural(all, "task") : `${whole(this.shown.length)} of ${plural(all, "task")}`;
  }

  private emptyWords(): string {
    if (!this.store.started)
      return "No run is on. Start one on Play, or watch the recorded run: its tasks are listed here.";
    return this.all.length === 0 ? "No task has been admitted yet." : "No task fits the filter.";
  }

  private readBook(): void {
    this.all = this.store.tasks.records;
    this.version = this.store.tasks.version;
    this.refreshed = performance.now();
  }

  private wake(): void {
    this.timer = undefined;
    this.requestUpdate();
  }

  private sort(order: TaskOrder): void {
    this.order = order;
  }

  /** On a narrow page the opened task is below the table. */
  override updated(changed: Map<PropertyKey, unknown>): void {
    if (changed.has("opened"))
      this.renderRoot.querySelector("kelvin-task-details")?.scrollIntoView({ block: "nearest" });
  }

  private open(id: string): void {
    this.dispatchEvent(new CustomEvent("opened", { detail: id }));
  }

  private onFilter(event: Event): void {
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(data.get(name) ?? "");
    // Visitors count steps from 1; tasks store the index.
    const step = (name: string, otherwise: number) => (text(name) === "" ? otherwise : Number(text(name)) - 1);
    this.filter = {
      type: text("type") as TaskType | "all",
      rate: text("rate") as RateBand,
      from: step("from", NO_FILTER.from),
      to: step("to", NO_FILTER.to),
      text: text("text"),
    };
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-run-tasks": RunTasks;
  }
}
