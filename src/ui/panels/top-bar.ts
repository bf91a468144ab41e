import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { finishedSteps } from "../../telemetry/state";
import { whole } from "../format";
import { brandMark, icon } from "../icons";
import { modelTitle } from "../model-choice";
import { AUTO, presetsOf } from "../setup";
import type { SheetName } from "../sheets";
import { stepShown } from "../stage";
import { type Store, StoreController } from "../store";
import { base, buttons, fields, progressBars } from "../styles";
import { methodGroups } from "../teachers";
import { toggleTheme } from "../theme";

/** Characters from which a model's name is set in small type. */
const LONG_NAME = 48;

/**
 * The bar with method, model and the run's controls.
 * @fires open-settings
 * @fires open-sheet with the name of the sheet
 */
@customElement("kelvin-top-bar")
export class TopBar extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    fields,
    progressBars,
    css`
      header { display: flex; flex-wrap: wrap; align-items: center; gap: 0 var(--k-space-5); min-height: var(--k-bar); padding: 0.25rem var(--k-space-5); }
      .brand { display: flex; align-items: center; gap: 0.45rem; font-weight: var(--k-weight-bold); font-size: var(--k-text-md); letter-spacing: var(--k-tracking-tight); }
      .mark { width: 1.25rem; height: 1.25rem; }
      .run { display: flex; align-items: center; gap: var(--k-space-4); margin-left: var(--k-space-3); min-width: 0; }
      label { display: flex; align-items: center; gap: 0.375rem; white-space: nowrap; }
      label > span, .model > span { color: var(--k-ink-3); font-size: var(--k-text-xs); }
      .run select, .run input { border-color: transparent; font-weight: var(--k-weight-bold); background: transparent; padding: 0 0.2rem; }
      .run select:hover, .run input:hover { background: var(--k-hover); }
      .run option { background: var(--k-surface); color: var(--k-ink); }
      .run input { width: calc(var(--digits) * 1ch + 1.75rem); min-width: 3.75rem; }
      .model { display: flex; gap: 0.375rem; align-items: center; white-space: nowrap; }
      .name { border: 0; border-radius: var(--k-radius-2); background: none; padding: 0 0.2rem; min-height: var(--k-target); font-weight: var(--k-weight-bold); max-width: 14rem; line-height: 1.2; text-align: left; white-space: normal; overflow-wrap: anywhere; }
      .name.long { max-width: 12rem; font-size: var(--k-text-2xs); }
      .name:hover { background: var(--k-hover); }
      .transport { display: flex; gap: var(--k-space-3); margin-left: auto; }
      .progress { display: grid; gap: 0.2rem; min-width: 7.5rem; color: var(--k-ink-2); white-space: nowrap; }
      .rate { color: var(--k-ink-2); white-space: nowrap; min-width: 6.5rem; }
      .progress b, .rate b { color: var(--k-ink); }
      .tools { display: flex; }
      @media (max-width: 1400px) { .preset { display: none; } .progress { min-width: 6rem; } }
      @media (max-width: 1279px) { .rate, .model { display: none; } }
      @media (max-width: 900px) { header { gap: var(--k-space-4); } .run { display: none; } }
      @media (max-width: 720px) {
        header { padding: 0.45rem var(--k-space-4) 0.4rem; gap: 0.35rem 0.6rem; flex-wrap: nowrap; }
        .brand span, .run, .reset, .theme, .present, .step span { display: none; }
        .mark { width: 1.5rem; height: 1.5rem; }
        .progress { flex: 1; min-width: 0; white-space: normal; }
        .transport { order: 2; margin: 0; gap: 0.4rem; }
        .transport .button { min-width: 0; padding: 0 0.8rem; }
        .tools { order: 3; }
      }
    `,
  ];

  @property({ attribute: false }) store!: Store;

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    const { store } = this;
    return html`<header>
      <div class="brand">${brandMark()}<span>Kelvin</span></div>
      ${this.renderRun()}
      <div class="transport" role="group" aria-label="Run controls">${this.renderMain()}${this.renderStep()}${this.renderReset()}</div>
      ${this.renderProgress()}
      <div class="tools">
        <button class="button bare present" type="button" aria-label="Presentation" aria-keyshortcuts="F" title="Large type for a room (F)" @click=${() => store.whereabouts.present(true)}>${icon("present")}</button>
        <button class="button bare" type="button" aria-label="Settings" @click=${this.openSettings}>${icon("settings")}</button>
        <button class="button bare theme" type="button" aria-label="Light or dark" @click=${toggleTheme}>${icon("theme")}</button>
      </div>
    </header>`;
  }

  private renderRun() {
    const { session, setup, started } = this.store;
    const method = session.methods.find(({ name }) => name === setup.method);
    const presets = method ? presetsOf(method) : [];
    const name = session.loaded?.model.name ?? modelTitle(setup.model);
    return html`<div class="run" role="group" aria-label="Run settings">
      <label><span>Method</span><select ?disabled=${started} @change=${this.onMethod}>
        ${methodGroups(session.methods, setup.method).map(([title, choices]) => (title === "" ? choices.map((choice) => this.renderChoice(choice)) : html`<optgroup label=${title}>${choices.map((choice) => this.renderChoice(choice))}</optgroup>`))}
      </select></label>
      <div class="model"><span>Model</span><button class="name ${name.length > LONG_NAME ? "long" : ""}" type="button" aria-haspopup="dialog" aria-label="Model ${name}" @click=${() => this.openSheet("model")}>${name}</button></div>
      <label><span>Seed</span><input class="number" style="--digits:${String(setup.seed).length}" type="number" min="0" max="999999999" .value=${String(setup.seed)} ?disabled=${started} @change=${this.onSeed} /></label>
      ${presets.length < 2 ? nothing : this.renderPresets(presets)}
    </div>`;
  }

  private renderChoice([name, title]: [name: string, title: string]) {
    return html`<option value=${name} ?selected=${name === this.store.setup.method}>${title}</option>`;
  }

  private renderPresets(presets: readonly string[]) {
    const { setup, started } = this.store;
    return html`<label class="preset"><span>Preset</span><select ?disabled=${started} @change=${this.onPreset}>
      ${presets.map((name) => html`<option value=${name} ?selected=${name === setup.preset}>${name}</option>`)}
    </select></label>`;
  }

  private renderMain() {
    const { store } = this;
    if (store.session.motion === "running") {
      return html`<button class="button primary" type="button" @click=${() => store.pause()}>${icon("pause")}Pause</button>`;
    }
    if (store.session.motion === "paused") {
      return html`<button class="button primary" type="button" @click=${() => store.resume()}>${icon("start")}Resume</button>`;
    }
    // Before the first run, the start view has the only primary button.
    const rank = store.started ? "primary" : "";
    const busy = store.waiting !== null;
    return html`<button class="button ${rank}" type="button" ?disabled=${!store.canStart || busy} @click=${() => store.start()}>${icon("start")}Start</button>`;
  }

  private renderStep() {
    const { store } = this;
    const title = "Go on to the end of the next phase, then pause (space bar)";
    return html`<button class="button step" type="button" title=${title} aria-label="Step" aria-keyshortcuts="Space" ?disabled=${!store.canStart} @click=${() => store.stepPhase()}>${icon("step")}<span>Step</span></button>`;
  }

  private renderReset() {
    return html`<button class="button reset" type="button" ?disabled=${!this.store.started} @click=${() => this.store.reset()}>${icon("reset")}Reset</button>`;
  }

  private renderProgress() {
    const { run, setup } = this.store;
    const steps = run.header?.steps ?? setup.steps;
    const done = finishedSteps(run);
    return html`<div class="progress">
        <p class="number">Step <b>${stepShown(run)}</b> / ${steps}</p>
        <progress max=${steps} value=${Math.min(done, steps)} aria-label="${done} of ${steps} steps done"></progress>
      </div>
      <p class="rate number"><b>${whole(this.store.tokensPerSecond)}</b> tokens/s</p>`;
  }

  private onMethod(event: Event): void {
    this.store.configure({ method: (event.target as HTMLSelectElement).value, preset: AUTO, overrides: {} });
  }

  private onPreset(event: Event): void {
    this.store.configure({ preset: (event.target as HTMLSelectElement).value });
  }

  private onSeed(event: Event): void {
    const input = event.target as HTMLInputElement;
    if (/^\d{1,9}$/u.test(input.value)) this.store.configure({ seed: Number(input.value) });
    else input.value = String(this.store.setup.seed);
  }

  private openSheet(name: SheetName): void {
    this.dispatchEvent(new CustomEvent<SheetName>("open-sheet", { detail: name, bubbles: true, composed: true }));
  }

  private openSettings(): void {
    this.dispatchEvent(new CustomEvent("open-settings"));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-top-bar": TopBar;
  }
}
