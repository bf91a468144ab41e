import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Choice } from "../../contracts";
import "../elements/code-listing";
import "../elements/heat-chip";
import { reward, signed, stepNumber } from "../format";
import { icon } from "../icons";
import type { Attempt } from "../scenes";
import { type Store, StoreController } from "../store";
import { base, buttons, cards } from "../styles";
import { type Exchange, exchangesOf, leadingExchange } from "../text-stage";
import "./choice-panel";
import "./explainer";

/** The stage of methods whose samples are no tasks and attempts: a prompt, and every completion with what it earned. */
@customElement("kelvin-text-stage")
export class TextStage extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    cards,
    css`
      :host { display: grid; align-content: start; gap: var(--k-space-4); padding: var(--k-space-4) var(--k-space-5) var(--k-space-5); }
      .head { display: flex; align-items: center; gap: var(--k-space-4); min-height: 2rem; }
      h1 { font-size: var(--k-text-md); font-weight: var(--k-weight-bold); margin-right: auto; }
      ul { display: grid; gap: var(--k-space-3); }
      li { display: flex; align-items: start; justify-content: space-between; gap: var(--k-space-4); padding: var(--k-space-3) var(--k-space-4); border: 1px solid var(--k-line); border-radius: var(--k-radius-2); }
      .text { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: var(--k-text-sm) / 1.5 var(--k-font-mono); }
      .figures { display: flex; gap: var(--k-space-3); flex: none; }
    `,
  ];

  @property({ attribute: false }) store!: Store;
  /** The exchange that was chosen; null follows the run. */
  @state() private chosen: string | null = null;

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    const { store } = this;
    const { asking } = store.session;
    if (asking || store.run.active?.phase === "choose")
      return html`<kelvin-choice-panel .asking=${asking} .latest=${store.run.preference} @chosen=${({ detail }: CustomEvent<Choice>) => store.choose(detail)}></kelvin-choice-panel>
        <kelvin-explainer .store=${store}></kelvin-explainer>`;
    const exchanges = exchangesOf(store.stageStep);
    const shown = exchanges.find(({ id }) => id === this.chosen) ?? leadingExchange(exchanges);
    const live = [...store.live.samples.values()];
    return html`${this.renderHead(exchanges, shown)}
      ${live.length > 0 ? html`<ul aria-label="Being written">${live.slice(0, 8).map(({ text }) => html`<li><p class="text">${text}</p></li>`)}</ul>` : shown ? this.renderExchange(shown) : nothing}
      <kelvin-explainer .store=${store}></kelvin-explainer>`;
  }

  private renderHead(exchanges: readonly Exchange[], shown: Exchange | null) {
    const { step } = this.store.stageStep;
    if (!shown) return html`<div class="head"><h1>Waiting for the first sample</h1></div>`;
    const place = exchanges.indexOf(shown);
    return html`<div class="head"><h1>${shown.kind}</h1>
      <p class="number">Prompt ${place + 1} of ${exchanges.length} <span class="quiet">${step < 0 ? "before the first step" : `in step ${stepNumber(step)}`}</span></p>
      <button class="button bare" type="button" aria-label="Previous prompt" ?disabled=${place === 0} @click=${() => this.choose(exchanges[place - 1])}>${icon("previous")}</button>
      <button class="button bare" type="button" aria-label="Next prompt" ?disabled=${place === exchanges.length - 1} @click=${() => this.choose(exchanges[place + 1])}>${icon("next")}</button>
    </div>`;
  }

  private renderExchange({ prompt, attempts }: Exchange) {
    return html`<section class="card" aria-label="Prompt"><kelvin-code-listing code=${prompt} label="Prompt"></kelvin-code-listing></section>
      <ul aria-label="Completions">${attempts.map((attempt) => html`<li>${this.renderAttempt(attempt)}</li>`)}</ul>`;
  }

  private renderAttempt({ record, share }: Attempt) {
    return html`<p class="text">${record.sample.text}</p><p class="figures">
      ${record.reward === undefined ? nothing : html`<kelvin-heat-chip label="reward" text=${reward(record.reward)} .value=${record.reward}></kelvin-heat-chip>`}
      ${share ? html`<kelvin-heat-chip label="advantage" text=${signed(share.advantage)} .value=${share.advantage}></kelvin-heat-chip>` : nothing}</p>`;
  }

  private choose(exchange: Exchange | undefined): void {
    this.chosen = exchange?.id ?? null;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-text-stage": TextStage;
  }
}
