import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { isHeadline, partsOf, shareIn, type Task } from "../../contracts";
import { percent, plural } from "../format";
import { icon, typeLabel } from "../icons";
import { TASK_TITLE } from "../reading";
import { type Store, StoreController } from "../store";
import { base, buttons, cards, types } from "../styles";
import { taskLine } from "../task-list";
import "./own-task-form";
import "./task-details";

/** The suite of the visitor's tasks in a run's evaluations. */
const SUITE = "your-tasks";

/**
 * The visitor's own tasks: list, try, remove, and the run's results on them.
 * @fires opened with the number of a task, or "" when it is closed
 */
@customElement("kelvin-own-tasks")
export class OwnTasksPanel extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    cards,
    types,
    css`
      :host { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); align-items: start; gap: var(--k-space-4); }
      .column { display: grid; gap: var(--k-space-4); }
      .card { height: auto; }
      .body { padding: 0.4rem var(--k-space-5) var(--k-space-4); display: grid; gap: var(--k-space-4); color: var(--k-ink-2); }
      li { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr) auto; align-items: center; gap: var(--k-space-3); border-top: 1px solid var(--k-line); padding: 0.25rem var(--k-space-5); }
      .open { border: 0; background: none; padding: 0; min-height: var(--k-target); text-align: left; font-family: var(--k-font-mono); font-size: var(--k-text-sm); overflow-wrap: anywhere; white-space: pre-wrap; }
      .said { display: flex; gap: 0.5rem; align-items: start; }
      .said .icon { color: var(--k-caution); }
      @media (max-width: 1000px) { :host { grid-template-columns: minmax(0, 1fr); } }
      @media (max-width: 720px) { li { grid-template-columns: 1.3rem minmax(0, 1fr) auto; } .type > span { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); } }
    `,
  ];

  @property({ attribute: false }) store!: Store;
  /** Number of the opened task, from the URL. */
  @property() opened = "";

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    const { tasks, complaint } = this.store.ownTasks;
    const opened = tasks.find(({ id }) => numberOf(id) === this.opened);
    return html`<div class="column">
        <section class="card" aria-labelledby="title"><header><h2 id="title">Your tasks</h2><p class="number">${plural(tasks.length, "task")}, kept on this device</p></header>
          <div class="body"><p>A run never trains on them: the policy's own proposals that equal one are refused. Every evaluation measures them beside the held-out suites, so they tell whether what it learns carries over to you. Since proposals may be refused for them, a run beside other tasks than these can take another way from the same link.</p>
            ${complaint ? html`<p class="said" role="alert">${icon("caution")}<span>${complaint}</span></p>` : nothing}
            ${this.renderAccuracy(tasks)}</div>
          <ul>${tasks.map((task) => this.renderTask(task))}</ul></section>
        ${opened ? html`<kelvin-task-details .store=${this.store} .record=${{ task: opened }} @closed=${() => this.open(this.opened)}></kelvin-task-details>` : nothing}
      </div>
      <kelvin-own-task-form .store=${this.store}></kelvin-own-task-form>`;
  }

  private renderTask(task: Task) {
    const line = taskLine(task);
    return html`<li class=${task.type}>${typeLabel(task.type, TASK_TITLE[task.type])}
      <button class="open" type="button" aria-expanded=${numberOf(task.id) === this.opened} @click=${() => this.open(numberOf(task.id))}>${line}</button>
      <button class="button bare" type="button" aria-label="Remove ${line}" @click=${() => this.drop(task.id)}>${icon("close")}</button></li>`;
  }

  /** The latest and the first evaluation of the run on screen. */
  private renderAccuracy(tasks: readonly Task[]) {
    const of = this.store.run.evaluations.filter(({ suite }) => suite === SUITE);
    const [first, last] = [of[0], of.at(-1)];
    if (!first || !last) return tasks.length === 0 ? nothing : html`<p>Not measured yet: the next run will be.</p>`;
    const parts = last.measures.filter(isHeadline).flatMap(({ name, value, n }) => {
      const before = shareIn(first.measures, name);
      return `${partsOf(name).subject} ${percent(before)} → ${percent(value)} (${plural(n, "task")})`;
    });
    return html`<p class="number"><b>Steps ${first.step} → ${last.step}, greedy, %:</b> ${parts.join(", ")}.</p>`;
  }

  private open(number: string): void {
    this.dispatchEvent(new CustomEvent("opened", { detail: number === this.opened ? "" : number }));
  }

  private drop(id: string): void {
    this.store.changeOwnTasks((own) => own.remove(id));
  }
}

/** Number from an id `yours/NUMBER`. */
function numberOf(id: string): string {
  return id.slice(id.indexOf("/") + 1);
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-own-tasks": OwnTasksPanel;
  }
}
