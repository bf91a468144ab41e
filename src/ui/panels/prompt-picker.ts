import { css, html, LitElement } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { ALL_TASK_TYPES, type HeldOutSuite, type Task, type TaskType } from "../../contracts";
import { controls, select } from "../elements/controls";
import { fitted } from "../elements/fitted";
import { WidthController } from "../elements/width-controller";
import { TASK_TITLE } from "../reading";
import { base, fields } from "../styles";
import { taskLine } from "../task-list";

/** Pixels of the browser's own list beside its text. */
const ARROW = 44;

/**
 * Chooses a task from a suite, by type.
 * @fires picked with the task
 */
@customElement("kelvin-prompt-picker")
export class PromptPicker extends LitElement {
  static override readonly styles = [
    base,
    fields,
    controls,
    css`
      :host { display: flex; flex-wrap: wrap; gap: var(--k-space-3) var(--k-space-4); }
      label { display: grid; gap: 0.15rem; font-size: var(--k-text-xs); color: var(--k-ink-2); min-width: 0; }
      wa-select { width: 9rem; }
      wa-select[label="Suite"] { width: 14rem; }
      .task { flex: 1 1 100%; }
      .task select { width: 100%; font-family: var(--k-font-mono); }
    `,
  ];

  @property({ attribute: false }) suites: readonly HeldOutSuite[] = [];
  @state() private suite = "";
  @state() private type: TaskType = "deduction";
  @state() private chosen = "";
  private readonly size = new WidthController(this, 100, 4000);
  private told: Task | null = null;

  override willUpdate(): void {
    if (!this.suites.some(({ name }) => name === this.suite)) this.suite = this.suites[0]?.name ?? "";
    const types = this.types;
    if (types.length > 0 && !types.includes(this.type)) this.type = types[0] ?? "deduction";
    if (this.tasks.some(({ id }) => id === this.chosen)) return;
    // Prefer a task of a few lines: it shows a difference sooner than an easy one.
    const telling = this.tasks.find(({ statements }) => statements > 2) ?? this.tasks[0];
    this.chosen = telling?.id ?? "";
  }

  override updated(): void {
    const task = this.tasks.find(({ id }) => id === this.chosen) ?? null;
    if (task === this.told) return;
    this.told = task;
    this.dispatchEvent(new CustomEvent("picked", { detail: task }));
  }

  override render() {
    const style = getComputedStyle(this.renderRoot.querySelector("select") ?? this);
    const room = this.size.width - ARROW;
    return html`
      ${select({ label: "Suite", value: this.suite, options: this.suites.map(({ name }) => [name, name.replaceAll("-", " ")]), onChange: (name) => this.choose({ suite: name }) })}
      ${select({ label: "Type", value: this.type, options: this.types.map((type) => [type, TASK_TITLE[type]]), onChange: (type) => this.choose({ type: type as TaskType }) })}
      <label class="task">Task <select @change=${this.onTask}>${this.tasks.map((task) => html`<option value=${task.id} ?selected=${task.id === this.chosen}>${fitted(lineOf(task), room, style)}</option>`)}</select></label>`;
  }

  private get own(): readonly Task[] {
    return this.suites.find(({ name }) => name === this.suite)?.tasks ?? [];
  }

  private get types(): TaskType[] {
    return ALL_TASK_TYPES.filter((type) => this.own.some((task) => task.type === type));
  }

  private get tasks(): readonly Task[] {
    return this.own.filter(({ type }) => type === this.type);
  }

  private choose({ suite = this.suite, type = this.type }): void {
    this.suite = suite;
    this.type = type;
  }

  /** A native select: hundreds of tasks would be hundreds of elements. */
  private onTask(event: Event): void {
    this.chosen = (event.target as HTMLSelectElement).value;
  }
}

/** The task, with what is given besides its program. */
function lineOf(task: Task): string {
  const [pair] = task.pairs;
  if (task.type === "induction" || task.type === "integration") return taskLine(task);
  return `${taskLine(task)}   ${task.type === "deduction" ? `f(${pair?.input})` : `f(?) = ${pair?.output}`}`;
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-prompt-picker": PromptPicker;
  }
}
