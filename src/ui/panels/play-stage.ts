import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { type TaskType, typeOf } from "../../contracts";
import "../elements/term";
import { stepNumber } from "../format";
import { icon, typeLabel } from "../icons";
import type { LiveSample } from "../live";
import { TASK_QUESTION, TASK_TITLE } from "../reading";
import { scenesOf } from "../scenes";
import { type Store, StoreController } from "../store";
import { base, buttons, types } from "../styles";
import "./attempt-grid";
import "./explainer";
import "./opened-attempt";
import "./proposer-card";
import "./ruling-card";

/** The stage: proposal, ruling, attempts and comparison, in order. */
@customElement("kelvin-play-stage")
export class PlayStage extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    types,
    css`
      :host { display: grid; grid-template-rows: auto auto minmax(min-content, 1fr) minmax(12.5rem, auto); gap: var(--k-space-4); min-height: 100%; padding: var(--k-space-4) var(--k-space-5) var(--k-space-5); }
      .head { display: flex; align-items: center; gap: var(--k-space-4); min-width: 0; min-height: 2rem; }
      h1 { display: flex; flex-wrap: wrap; gap: 0 0.6rem; align-items: baseline; font-size: var(--k-text-md); font-weight: var(--k-weight-bold); margin-right: auto; min-width: 0; }
      h1 .type { align-items: baseline; }
      h1 .icon { align-self: center; }
      .question { font-weight: var(--k-weight); color: var(--k-ink-2); font-size: var(--k-text-sm); }
      .pager { display: flex; }
      .pair { display: grid; grid-template-columns: minmax(0, 1.22fr) minmax(0, 1fr); gap: var(--k-space-4); }
      .open { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1.12fr); gap: 0.9rem; }
      .where { white-space: nowrap; }
      @media (max-width: 1000px) { :host { grid-template-rows: none; min-height: 0; } .pair, .open { grid-template-columns: minmax(0, 1fr); } }
      @media (max-width: 720px) { :host { padding: var(--k-space-4); } h1 { display: grid; gap: 0.1rem; } .where { display: none; } }
    `,
  ];

  @property({ attribute: false }) store!: Store;

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    const { store } = this;
    return html`${this.renderHead()}
      <div class="pair"><kelvin-proposer-card .store=${store}></kelvin-proposer-card><kelvin-ruling-card .store=${store}></kelvin-ruling-card></div>
      <kelvin-attempt-grid .store=${store}></kelvin-attempt-grid>
      <div class="open"><kelvin-opened-attempt .store=${store}></kelvin-opened-attempt><kelvin-explainer .store=${store}></kelvin-explainer></div>`;
  }

  private renderHead() {
    const { store } = this;
    const { scene } = store;
    const type = typeIn(store.liveProposal) ?? scene?.type ?? typeIn(store.liveAttempts[0]);
    if (!type) return html`<div class="head"><h1>Waiting for the first proposal</h1></div>`;
    const scenes = scenesOf(store.stageStep);
    const when = store.stageStep.step < 0 ? "before the first step" : `in step ${stepNumber(store.stageStep.step)}`;
    const place = scene ? scenes.indexOf(scene) + 1 : 0;
    return html`<div class="head">
      <h1><kelvin-term name=${type}>${typeLabel(type, TASK_TITLE[type])}</kelvin-term><span class="question">${TASK_QUESTION[type]}</span></h1>
      ${place === 0 || store.liveProposal ? nothing : html`<p class="where number">Task ${place} of ${scenes.length} <span class="quiet">${when}</span></p>`}
      <div class="pager" role="group" aria-label="Task on stage">
        <button class="button bare" type="button" aria-label="Previous task" ?disabled=${place < 2} @click=${() => this.turn(-1)}>${icon("previous")}</button>
        <button class="button bare" type="button" aria-label="Next task" ?disabled=${place === 0 || place === scenes.length} @click=${() => this.turn(1)}>${icon("next")}</button>
        <button class="button bare" type="button" aria-label="Follow the run" aria-pressed=${store.selection.scene === null} title="Follow the run" ?disabled=${store.selection.scene === null} @click=${() => store.select({ scene: null, attempt: null })}>${icon("follow")}</button>
      </div>
    </div>`;
  }

  private turn(by: number): void {
    const scenes = scenesOf(this.store.stageStep);
    const from = scenes.findIndex(({ id }) => id === this.store.scene?.id);
    const to = scenes[from + by];
    if (to) this.store.select({ scene: to.id, attempt: null });
  }
}

/** The task type of what is being written. */
function typeIn(live: LiveSample | null | undefined): TaskType | null {
  return live ? typeOf(live.kind) : null;
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-play-stage": PlayStage;
  }
}
