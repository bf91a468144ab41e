import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { KelvinError, type Task, type Verdict } from "../../contracts";
import "../elements/python-field";
import { icon } from "../icons";
import { attemptWord, explain } from "../rulings";
import type { Store } from "../store";
import { base, buttons, fields } from "../styles";

const QUESTION = {
  deduction: "Your answer: the output",
  abduction: "Your answer: an input",
  induction: "Your answer: the program",
  integration: "Your answer: what has this derivative",
} as const;

/** The visitor's own answer to a task, judged by the same verifier as the policy's. */
@customElement("kelvin-try-task")
export class TryTask extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    fields,
    css`
      form { display: grid; gap: 0.5rem; }
      .row { display: flex; gap: var(--k-space-3); align-items: center; }
      input { flex: 1; font-family: var(--k-font-mono); }
      label, .label { font-weight: var(--k-weight-medium); }
      .verdict { display: flex; align-items: center; gap: 0.4rem; min-height: 1.5rem; }
      .right .icon { color: var(--k-ok); }
      .failed .icon { color: var(--k-danger); }
    `,
  ];

  @property({ attribute: false }) store!: Store;
  @property({ attribute: false }) task!: Task;
  @state() private answer = "";
  @state() private judging = false;
  @state() private verdict: Verdict | null = null;
  @state() private failure = "";

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    const before = changed.get("task") as Task | undefined;
    if (before && before.id !== this.task.id) Object.assign(this, { answer: "", verdict: null, failure: "" });
  }

  override render() {
    const { type } = this.task;
    return html`<form @submit=${this.submit}>
      ${type === "induction" ? this.renderEditor() : this.renderField(QUESTION[type])}
      <p class="verdict ${this.verdict?.verdict === "CORRECT" ? "right" : ""} ${this.failure ? "failed" : ""}" role="status">${this.renderVerdict()}</p>
    </form>`;
  }

  private renderField(label: string) {
    return html`<label for="answer">${label}</label><div class="row">
      <input id="answer" autocomplete="off" spellcheck="false" maxlength="1000" .value=${this.answer} @input=${this.write} />${this.renderButton()}</div>`;
  }

  private renderEditor() {
    return html`<span class="label" aria-hidden="true">${QUESTION.induction}</span>
      <kelvin-python-field label=${QUESTION.induction} .value=${this.answer} @changed=${(event: CustomEvent<string>) => this.change(event.detail)}></kelvin-python-field>
      <div class="row">${this.renderButton()}</div>`;
  }

  private renderButton() {
    const ready = this.answer.trim() !== "" && !this.judging;
    return html`<button class="button" type="submit" ?disabled=${!ready}>Judge</button>`;
  }

  private renderVerdict() {
    if (this.judging) return html`<span class="quiet">The verifier is looking…</span>`;
    if (this.failure) return html`${icon("caution")}<span>${this.failure}</span>`;
    if (!this.verdict) return html`<span class="quiet">Judged by the verifier that judges the policy.</span>`;
    const { icon: glyph, word } = attemptWord(this.verdict);
    const reason = this.verdict.reason !== "" ? explain(this.verdict) : "";
    return html`${icon(glyph)}<b>${capital(word)}</b>${reason === "" || reason === word ? nothing : html`<span>${reason}</span>`}`;
  }

  private write(event: Event): void {
    this.change((event.target as HTMLInputElement).value);
  }

  private change(answer: string): void {
    this.answer = answer;
    this.verdict = null;
    this.failure = "";
  }

  private async submit(event: Event): Promise<void> {
    event.preventDefault();
    const { task, answer } = this;
    if (answer.trim() === "" || this.judging) return;
    this.judging = true;
    this.failure = "";
    try {
      const verdict = await this.store.ask("judge", { task, answer });
      // Task or answer may have changed meanwhile.
      if (task === this.task && answer === this.answer) this.verdict = verdict;
    } catch (error) {
      // A missing verifier is reported in place of the verdict.
      if (!(error instanceof KelvinError)) throw error;
      this.failure = `${error.message} ${error.hint}`;
    } finally {
      this.judging = false;
    }
  }
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-try-task": TryTask;
  }
}
