import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { KelvinError, type PairRow } from "../../contracts";
import { controls, select } from "../elements/controls";
import "../elements/python-field";
import { icon } from "../icons";
import { TASK_TITLE } from "../reading";
import type { Store } from "../store";
import { base, buttons, cards, fields } from "../styles";
import { draftForm } from "./draft-form";

const BEGINNING: PairRow = {
  type: "deduction",
  program: "def f(x):\n    x = x + 4\n    x = x * 2\n    return x - 5\n",
  input: "5",
  output: "",
};
const ASKED: Readonly<Record<PairRow["type"], string>> = {
  deduction: "The prompt is program and input; the answer is the output.",
  abduction: "The prompt is program and output; the answer is the input.",
};

/**
 * Form for a worked example, which the verifier checks.
 * @fires written with the checked pair
 * @fires closed when an edited pair is left as it is
 */
@customElement("kelvin-pair-form")
export class PairForm extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    cards,
    fields,
    controls,
    draftForm,
    css`
      input { max-width: 14rem; font-family: var(--k-font-mono); font-weight: var(--k-weight); }
      textarea { min-height: 5rem; padding: 0.5rem; border: 1px solid var(--k-line-strong); border-radius: var(--k-radius-2); background: var(--k-surface); color: var(--k-ink); font: var(--k-weight) var(--k-text-sm) / 1.4 var(--k-font-mono); resize: vertical; }
      .said { display: flex; gap: 0.4rem; align-items: start; }
      .said.kept .icon { color: var(--k-ok); }
      .said.refused .icon { color: var(--k-danger); }
    `,
  ];

  @property({ attribute: false }) store!: Store;
  /** The pair to edit; null for a new one. */
  @property({ attribute: false }) edited: PairRow | null = null;
  @state() private pair = BEGINNING;
  @state() private checking = false;
  @state() private kept = "";
  @state() private failure = "";

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has("edited") || (this.edited === null && changed.get("edited") === undefined)) return;
    this.pair = this.edited ?? BEGINNING;
    this.failure = "";
    if (this.edited) this.kept = "";
  }

  override render() {
    const { type, program, input, answer = "" } = this.pair;
    const types = (["deduction", "abduction"] as const).map((name) => [name, TASK_TITLE[name]] as const);
    return html`<section class="card" aria-labelledby="title"><header><h2 id="title">${this.edited ? "This pair" : "A new pair"}</h2></header>
      <form @submit=${this.submit}>
        <div class="label">${select({ label: "Type", value: type, options: types, onChange: (name) => this.write({ type: name as PairRow["type"] }) })}
          <span class="meaning">${ASKED[type]}</span></div>
        <div class="label"><span aria-hidden="true">Program</span>
          <kelvin-python-field label="Program" .value=${program} @changed=${({ detail }: CustomEvent<string>) => this.write({ program: detail })}></kelvin-python-field></div>
        <label>Input<input name="input" required maxlength="60" autocomplete="off" spellcheck="false" .value=${input} @input=${(event: Event) => this.write({ input: (event.target as HTMLInputElement).value })} /></label>
        <label>Answer<textarea name="answer" maxlength="1000" spellcheck="false" autocapitalize="off" .value=${answer} @input=${(event: Event) => this.write({ answer: (event.target as HTMLTextAreaElement).value })}></textarea>
          <span class="meaning">What the model is to write, with <code>&lt;ans&gt;</code> before the value. Empty: it is worked out step by step.</span></label>
        <div class="go"><button class="button primary" type="submit" ?disabled=${this.checking}>Check and keep</button>
          ${this.edited ? html`<button class="button" type="button" @click=${this.leave}>Leave it as it was</button>` : nothing}
          ${this.checking ? html`<span class="quiet">The verifier runs it…</span>` : nothing}</div>
        <div role="status">${this.renderOutcome()}</div>
      </form></section>`;
  }

  private renderOutcome() {
    if (this.failure) return html`<p class="said refused">${icon("caution")}<span>${this.failure}</span></p>`;
    return this.kept ? html`<p class="said kept">${icon("right")}<span><b>Kept.</b> ${this.kept}</span></p>` : nothing;
  }

  private write(change: Partial<PairRow>): void {
    this.pair = { ...this.pair, ...change };
    this.kept = "";
    this.failure = "";
  }

  private async submit(event: Event): Promise<void> {
    event.preventDefault();
    const { type, program, input, answer = "" } = this.pair;
    this.checking = true;
    this.failure = "";
    this.kept = "";
    try {
      const text = JSON.stringify({ type, program, input, ...(answer.trim() && { answer: answer.trim() }) });
      const [pair] = await this.store.ask("pairs", { file: "Your pair", text });
      if (!pair) return;
      this.kept = `f(${pair.input}) is ${pair.output}.`;
      this.dispatchEvent(new CustomEvent<PairRow>("written", { detail: pair }));
    } catch (error) {
      // A pair that is refused is reported in place.
      if (!(error instanceof KelvinError)) throw error;
      this.failure = `${error.message}. ${error.hint}`;
    } finally {
      this.checking = false;
    }
  }

  private leave(): void {
    this.dispatchEvent(new CustomEvent("closed"));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-pair-form": PairForm;
  }
}
