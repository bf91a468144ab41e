import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { type MethodInfo, MOST_STEPS, readSetting } from "../../contracts";
import "@awesome.me/webawesome/dist/components/checkbox/checkbox.js";
import type WaCheckbox from "@awesome.me/webawesome/dist/components/checkbox/checkbox.js";
import type WaSelect from "@awesome.me/webawesome/dist/components/select/select.js";
import { controls, select } from "../elements/controls";
import "../elements/modal-dialog";
import { modelTitle } from "../model-choice";
import { methodChoices } from "../recordings";
import { AUTO, presetsOf, standardSettings } from "../setup";
import type { SheetName } from "../sheets";
import { type Store, StoreController } from "../store";
import { base, buttons, fields } from "../styles";
import { teacherOf } from "../teachers";
import { resetNote, resetNotes } from "./reset-note";

/** Sources of a change: a native input, or a control of Web Awesome. */
type Field = HTMLInputElement | WaSelect | WaCheckbox;
type NumberName = "seed" | "steps" | "evaluate";

/**
 * All settings of a run, generated from the method's defaults and descriptions.
 * @fires closed
 * @fires open-sheet for the model's sheet
 */
@customElement("kelvin-settings-dialog")
export class SettingsDialog extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    fields,
    controls,
    resetNotes,
    css`
      form { display: grid; gap: var(--k-space-4); }
      .row { display: grid; grid-template-columns: minmax(10rem, 14rem) 1fr; gap: 0.2rem var(--k-space-4); align-items: center; }
      .row > * { min-width: 0; }
      .meaning { grid-column: 2; color: var(--k-ink-3); font-size: var(--k-text-xs); }
      label, .label { font-weight: var(--k-weight-medium); }
      .setting { font-family: var(--k-font-mono); font-weight: var(--k-weight); font-size: var(--k-text-sm); }
      .changed .setting, .changed wa-select::part(label) { font-weight: var(--k-weight-bold); }
      /* A choice brings its label along: both columns are its own. */
      .row > wa-select { grid-column: 1 / -1; max-width: calc(32rem + var(--k-space-4)); gap: var(--k-space-4); }
      .row > wa-select::part(label) { flex: 0 0 14rem; color: inherit; font-weight: var(--k-weight-medium); }
      .settings wa-select::part(label) { font-family: var(--k-font-mono); font-weight: var(--k-weight); }
      .summary { color: var(--k-ink-2); }
      details { border-top: 1px solid var(--k-line); padding-top: var(--k-space-4); }
      summary { cursor: pointer; font-weight: var(--k-weight-medium); }
      .settings { display: grid; gap: var(--k-space-4); padding-top: var(--k-space-4); }
      .said { color: var(--k-danger); }
      fieldset { display: grid; gap: var(--k-space-4); border: 0; padding: 0; margin: 0; }
      input { width: 100%; max-width: 18rem; }
      wa-select { font-size: var(--k-text-sm); }
      @media (max-width: 720px) { .row { grid-template-columns: 1fr; } .meaning { grid-column: 1; } .row > wa-select { flex-direction: column; align-items: stretch; gap: 0.2rem; } .row > wa-select::part(label) { flex: none; } }
    `,
  ];

  @property({ attribute: false }) store!: Store;

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    const { session, setup, started } = this.store;
    const method = session.methods.find(({ name }) => name === setup.method);
    return html`<kelvin-dialog heading="Settings of the ${started ? "run on screen" : "next run"}" open @closed=${this.onClosed}>
      ${started ? resetNote(this.store, this.freed) : html`<p class="summary">The address of this page holds them; a link reproduces the run.</p>`}
      ${this.store.complaint ? html`<p class="said" role="alert">${this.store.complaint.message} ${this.store.complaint.hint}</p>` : nothing}
      <form @submit=${(event: Event) => event.preventDefault()} @change=${this.onChange}>
        <fieldset ?disabled=${started}>${this.renderMethod()}</fieldset>
        ${this.renderModel()}
        <fieldset ?disabled=${started}>
          ${this.renderNumber("seed", "Seed", setup.seed, "Same seed, same run.")}
          ${this.renderNumber("steps", "Steps", setup.steps, "One gradient update each.")}
          ${this.renderNumber("evaluate", "Held-out tasks", setup.evaluate, "Per task type, before, during and after; 0 saves the time. Empty: as many as suit the preset.")}
          ${method ? this.renderSettings(method) : nothing}
        </fieldset>
      </form>
      <p class="summary"><a href="licences.txt" target="_blank" rel="noopener">Licences</a> of everything in this page</p>
    </kelvin-dialog>`;
  }

  private renderMethod() {
    const { session, setup } = this.store;
    const method = session.methods.find(({ name }) => name === setup.method);
    const presets = method ? presetsOf(method) : [];
    return html`<div class="row">${select({ label: "Method", name: "method", value: setup.method, options: methodChoices(session.methods, setup.method), labelled: "beside" })}
        <span class="meaning">${method ? `${teacherOf(method).title}. ${teacherOf(method).sentence} ${method.summary}` : ""}</span></div>
      ${presets.length === 0 ? nothing : this.renderPresets(presets)}`;
  }

  /** The model's sheet can be opened during a run too. */
  private renderModel() {
    const { lora } = this.store.setup;
    return html`<div class="row"><span class="label">Model</span><button class="button" type="button" @click=${this.openModel}>${lora ? `${this.modelName}, adapters of rank ${lora.rank}` : this.modelName}</button>
      <span class="meaning">What it is and takes; another one, or adapters only.</span></div>`;
  }

  private renderPresets(presets: readonly string[]) {
    const value = this.store.setup.preset;
    return html`<div class="row">${select({ label: "Preset", name: "preset", value, options: presets.map((name) => [name, name]), labelled: "beside" })}
      <span class="meaning">Smaller presets take fewer samples per step, for slow devices.</span></div>`;
  }

  private renderNumber(name: NumberName, label: string, value: number | null, meaning: string) {
    return html`<div class="row"><label for=${name}>${label}</label>
      <input id=${name} name=${name} type="number" min=${name === "steps" ? 1 : 0} max=${name === "steps" ? MOST_STEPS : 999_999_999} step="1" .value=${String(value ?? "")} />
      <span class="meaning">${meaning}</span></div>`;
  }

  private renderSettings(method: MethodInfo) {
    return html`<details><summary>${method.title}: all settings</summary>
      <div class="settings">${Object.keys(method.defaults).map((key) => this.renderSetting(method, key))}</div></details>`;
  }

  private renderSetting(method: MethodInfo, key: string) {
    const { setup } = this.store;
    const standard = standardSettings(setup, method)[key];
    const value = setup.overrides[key] ?? standard;
    const choices = method.choices?.[key];
    const changed = key in setup.overrides ? "changed" : "";
    const field =
      typeof standard === "boolean"
        ? html`<wa-checkbox name="set.${key}" .checked=${value === true}><span class="hidden">${key}</span></wa-checkbox>`
        : choices
          ? select({
              label: key,
              name: `set.${key}`,
              value: String(value),
              options: choices.map((word) => [word, word]),
              labelled: "beside",
            })
          : html`<input aria-label=${key} name="set.${key}" .value=${String(value)} inputmode=${typeof standard === "number" ? "decimal" : "text"} />`;
    return html`<div class="row ${changed}">${choices ? nothing : html`<span class="setting" aria-hidden="true">${key}</span>`}${field}
      <span class="meaning">${method.describe[key] ?? ""} Default ${standard === "" ? "empty" : String(standard)}.</span></div>`;
  }

  /** After the reset, moves the focus to the first field that can be set. */
  private readonly freed = async (): Promise<void> => {
    this.requestUpdate();
    await this.updateComplete;
    const first = this.renderRoot.querySelector<WaSelect>("wa-select");
    await first?.updateComplete;
    first?.focus();
  };

  private onChange(event: Event): void {
    const input = event.target as Field;
    const name = input.name ?? "";
    const value = String(input.value ?? "");
    if (name === "method") this.store.configure({ method: value, preset: AUTO, overrides: {} });
    else if (name === "preset") this.store.configure({ preset: value });
    else if (name === "seed" || name === "steps" || name === "evaluate") this.changeNumber(name, value);
    else this.changeSetting(name.slice("set.".length), input);
  }

  private changeNumber(name: NumberName, text: string): void {
    if (name === "evaluate" && text === "") this.store.configure({ evaluate: null });
    else if (/^\d{1,9}$/u.test(text) && (name !== "steps" || Number(text) > 0))
      this.store.configure({ [name]: Number(text) });
    else this.requestUpdate();
  }

  private changeSetting(key: string, input: Field): void {
    const { setup, session } = this.store;
    const method = session.methods.find(({ name }) => name === setup.method);
    const standard = method && standardSettings(setup, method)[key];
    const value =
      typeof standard === "boolean" ? (input as WaCheckbox).checked : readSetting(String(input.value), standard);
    const { [key]: _old, ...others } = setup.overrides;
    this.store.configure({ overrides: value === standard ? others : { ...others, [key]: value } });
  }

  private get modelName(): string {
    return this.store.session.loaded?.model.name ?? modelTitle(this.store.setup.model);
  }

  private openModel(): void {
    this.onClosed();
    this.dispatchEvent(new CustomEvent<SheetName>("open-sheet", { detail: "model", bubbles: true, composed: true }));
  }

  private onClosed(): void {
    this.dispatchEvent(new CustomEvent("closed"));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-settings-dialog": SettingsDialog;
  }
}
