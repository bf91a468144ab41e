import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { type DraftRuling, KelvinError, type ProgramType, TASK_TYPES } from "../../contracts";
import { controls, select } from "../elements/controls";
import "../elements/python-field";
import { icon } from "../icons";
import { MOST_OWN_TASKS } from "../own-tasks";
import { TASK_TITLE } from "../reading";
import { checksOf } from "../rulings";
import type { Store } from "../store";
import { base, buttons, cards, fields } from "../styles";
import { draftForm } from "./draft-form";

const BEGINNING = "def f(x):\n    x = x + 3\n    return x * 2\n";
/** Initial inputs; the example can be stored unchanged. */
const INPUTS = ["5", "0", "12", "7", "30"];
const ASKED: Readonly<Record<ProgramType, string>> = {
  deduction: "The policy is given program and input, and must say the output.",
  abduction: "The policy is given program and output, and must find an input.",
  induction: "The policy is given three of your five pairs, and must write a program; the other two judge it.",
};

/** Form for a new task, which the verifier checks and this device stores. */
@customElement("kelvin-own-task-form")
export class OwnTaskForm extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    cards,
    fields,
    controls,
    draftForm,
    css`
      input { font-weight: var(--k-weight); }
      .inputs { display: flex; flex-wrap: wrap; gap: var(--k-space-3); }
      .inputs input { width: 7rem; font-family: var(--k-font-mono); }
      fieldset { border: 0; margin: 0; padding: 0; }
      .ruling { display: grid; gap: 0.3rem; }
      .ruling p, li { display: flex; gap: 0.4rem; align-items: start; }
      li .icon { margin-top: 0.1rem; }
      .valid .icon { color: var(--k-ok); }
      .refused > p .icon, .failed .icon, li.failed { color: var(--k-danger); }
      li.later { color: var(--k-ink-3); }
      li b { min-width: 7rem; }
    `,
  ];

  @property({ attribute: false }) store!: Store;
  @state() private type: ProgramType = "deduction";
  @state() private program = BEGINNING;
  @state() private checking = false;
  @state() private ruling: DraftRuling | null = null;
  @state() private failure = "";

  override render() {
    const count = this.type === "induction" ? 5 : 1;
    return html`<section class="card" aria-labelledby="title"><header><h2 id="title">A new task</h2></header>
      <form @submit=${this.submit}>
        <div class="label">${select({ label: "Type", value: this.type, options: TASK_TYPES.map((type) => [type, TASK_TITLE[type]]), onChange: (type) => this.chooseType(type as ProgramType) })}
          <span class="meaning">${ASKED[this.type]}</span></div>
        <div class="label"><span aria-hidden="true">Program</span>
          <kelvin-python-field label="Program" .value=${this.program} @changed=${this.write}></kelvin-python-field>
          <span class="meaning">One function f of one variable x; whole numbers up to 99 and lists of at most six of them. Blanks around operators are taken out: the small models were not taught them.</span></div>
        <fieldset><legend class="hidden">${count === 1 ? "Input" : "Inputs"}</legend><span class="inputs">
          ${INPUTS.slice(0, count).map((input, index) => html`<label>${count === 1 ? "Input" : `Input ${index + 1}`}<input name="input" required maxlength="60" autocomplete="off" spellcheck="false" value=${input} /></label>`)}</span></fieldset>
        ${this.type === "induction" ? html`<label>Hint <input name="message" maxlength="60" autocomplete="off" spellcheck="false" /><span class="meaning">Operators that the program uses, such as +*; may stay empty.</span></label>` : nothing}
        <div class="go"><button class="button primary" type="submit" ?disabled=${this.checking}>Check and keep</button>
          ${this.checking ? html`<span class="quiet">The verifier runs it…</span>` : nothing}</div>
        <div class="ruling" role="status">${this.renderRuling()}</div>
      </form></section>`;
  }

  private renderRuling() {
    if (this.failure) return html`<p class="failed">${icon("caution")}<span>${this.failure}</span></p>`;
    if (!this.ruling) return nothing;
    const { verdict, task, pairs } = this.ruling;
    const seen = pairs.map(({ input, output }) => `f(${input}) is ${output}`).join(", ");
    if (task)
      return html`<p class="valid">${icon("right")}<span><b>Kept.</b> ${seen}. The next run is measured on it.</span></p>`;
    return html`<div class="refused"><p>${icon("caution")}<b>Refused</b></p><ul>${checksOf(
      verdict,
      pairs.length > 0,
    ).map(
      ({ name, finding, state }) =>
        html`<li class=${state === "failed" ? "failed" : state === "passed" ? "" : "later"}>${icon(state === "passed" ? "right" : state === "failed" ? "wrong" : "pending")}<b>${name}</b><span>${finding}</span></li>`,
    )}</ul></div>`;
  }

  private chooseType(type: ProgramType): void {
    this.type = type;
    this.ruling = null;
  }

  private write(event: CustomEvent<string>): void {
    this.program = event.detail;
    this.ruling = null;
  }

  private async submit(event: Event): Promise<void> {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const { ownTasks } = this.store;
    this.ruling = null;
    this.failure = "";
    if (ownTasks.tasks.length >= MOST_OWN_TASKS) {
      this.failure = `There are ${MOST_OWN_TASKS} tasks already; remove one first.`;
      return;
    }
    this.checking = true;
    try {
      const draft = {
        type: this.type,
        program: this.program,
        inputs: data.getAll("input").map(String),
        message: String(data.get("message") ?? ""),
      };
      this.ruling = await this.store.ask("draft", { draft, id: ownTasks.nextId, known: ownTasks.tasks });
      const { task } = this.ruling;
      if (task) this.store.changeOwnTasks((own) => own.add(task));
    } catch (error) {
      // A missing verifier is reported in place of the verdict.
      if (!(error instanceof KelvinError)) throw error;
      this.failure = `${error.message} ${error.hint}`;
    } finally {
      this.checking = false;
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-own-task-form": OwnTaskForm;
  }
}
