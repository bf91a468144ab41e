import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { EVALUATE, KelvinError, typeOf } from "../../contracts";
import type { RunState } from "../../telemetry/state";
import "../elements/code-listing";
import { brandMark, typeLabel } from "../icons";
import { KeyController } from "../key-controller";
import { complaintNote, failureNote, noticeNote } from "../panels/failure-note";
import "../panels/keys-dialog";
import { isAbsent, phaseLit } from "../panels/phase-panel";
import { phaseInfo, phaseNext, phaseNow, phasesOf } from "../phase-notes";
import { readAttempt, readProposal, TASK_TITLE } from "../reading";
import { fetchRecording, recordedMethodFor } from "../recordings";
import { leadingScene, type Scene, scenesOf } from "../scenes";
import { stageName, stepOnStage, stepShown } from "../stage";
import { type Store, StoreController } from "../store";
import { base, buttons, heatColors, notes, types } from "../styles";
import { exchangesOf, leadingExchange } from "../text-stage";
import { LookBack } from "./look-back";
import { caption, QUESTION, type Tile, tilesOf, tilesOfText } from "./moment";
import { renderAccuracy, renderExchange, renderPairs, renderRuling, renderTiles, sizeOf } from "./parts";
import { presentationStyles } from "./styles";

/** Speed for stepping through a recording, whose evaluations take half a minute each. */
const RECORDED_SPEED = 50;

/** Play in large type: path, program, answer, headline curve, attempts and one sentence; controlled by keyboard. */
@customElement("kelvin-presentation")
export class Presentation extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    notes,
    types,
    heatColors,
    presentationStyles,
    css`:host { display: grid; }`,
  ];

  @property({ attribute: false }) store!: Store;
  @state() private keysOpen = false;
  private readonly lookBack = new LookBack();

  constructor() {
    super();
    new StoreController(this);
    new KeyController(this, (event) => this.onKey(event));
  }

  override willUpdate(): void {
    this.remember();
  }

  /** Stores a pause for looking back, even if it was never drawn. */
  private remember(): void {
    const { run, session, ended } = this.store;
    if (session.motion === "paused" || ended) this.lookBack.rest(run);
  }

  override render() {
    const run = this.lookBack.shown(this.store.run);
    return html`${this.renderBar(run)}
      ${this.store.started ? html`<div class="notes">${this.renderNotes()}</div>${this.renderMoment(run)}` : this.renderReady()}
      ${this.renderKeys(run)}
      <kelvin-keys-dialog presenting .open=${this.keysOpen} @closed=${() => this.showKeys(false)}></kelvin-keys-dialog>`;
  }

  private renderBar(run: RunState) {
    const lit = this.lookBack.isBack ? phaseNow(run) : phaseLit(run, this.store.session.motion);
    const steps = run.header?.steps ?? this.store.setup.steps;
    const own = phasesOf(run, this.store.methodDisplay);
    const phases = lit === EVALUATE.name ? [...own, EVALUATE] : own;
    return html`<header>
      <p class="brand">${brandMark()}<span>Kelvin</span></p>
      <ol class="path" aria-label="Phase of this step">${phases.map(({ name: phase, title }) => {
        const done = run.current.phases[phase] !== undefined ? "done" : isAbsent(run, phase) ? "absent" : "";
        return html`<li class=${phase === lit ? "now" : done} aria-current=${phase === lit ? "step" : "false"}>${title}</li>`;
      })}</ol>
      <p class="step number">Step <b>${stepShown(run)}</b> of ${steps}</p>
    </header>`;
  }

  private renderMoment(run: RunState) {
    const scene = leadingScene(scenesOf(stepOnStage(run)));
    const exchange = stageName(run) === "text" ? leadingExchange(exchangesOf(stepOnStage(run))) : null;
    const phase = this.lookBack.isBack ? phaseNow(run) : phaseLit(run, this.store.session.motion);
    return html`<main tabindex="-1">
      <h1 class="hidden">A small model teaches itself</h1>
      ${exchange ? renderExchange(exchange) : this.renderTask(scene)}
      ${renderAccuracy(run)}
      <section class="attempts" aria-label="Attempts">${exchange ? renderTiles(tilesOfText(exchange.attempts)) : this.renderAttempts(scene)}</section>
      <p class="caption number">${caption(run, phase, scene).map(({ text, heat: tone }) => (tone ? html`<b class=${tone}>${text}</b>` : text))}</p>
    </main>`;
  }

  private renderTask(scene: Scene | null) {
    const live = this.lookBack.isBack ? null : this.store.liveProposal;
    if (live) {
      const { program } = readProposal(live, live.text);
      const type = typeOf(live.kind) ?? "deduction";
      const written = type === "induction" ? live.text : program;
      return html`<section class="task" aria-label="Task"><h2>${typeLabel(type, TASK_TITLE[type])}<span>The model writes</span></h2>
        <kelvin-code-listing code=${written} writing label="Proposal being written"></kelvin-code-listing></section>`;
    }
    if (!scene) return html`<section class="task" aria-label="Task"><h2>The first task is on its way</h2></section>`;
    return html`<section class="task" aria-label="Task">
      <h2>${typeLabel(scene.type, TASK_TITLE[scene.type])}<span>${QUESTION[scene.type]}</span></h2>
      <kelvin-code-listing class=${sizeOf(scene.program)} code=${scene.program}></kelvin-code-listing>
      <p class="ask code">${renderPairs(scene)}${renderRuling(scene)}</p>
    </section>`;
  }

  private renderAttempts(scene: Scene | null): TemplateResult {
    const live = this.lookBack.isBack ? [] : this.store.liveAttempts;
    const tiles: readonly Tile[] =
      live.length > 0
        ? live.slice(0, 8).map(({ text }) => ({
            answer: readAttempt(text).answer ?? "…",
            verdict: null,
            advantage: null,
            foot: text.includes("<think>") ? "step by step" : "writing",
          }))
        : tilesOf(scene?.attempts ?? []);
    return renderTiles(tiles);
  }

  /** Errors of the device, the link or a recording; Tab reaches their buttons. */
  private renderNotes() {
    const { session, complaint } = this.store;
    return html`${session.failure ? failureNote(this.store, session.failure) : nothing}${complaint ? complaintNote(this.store, complaint) : nothing}${noticeNote(this.store)}`;
  }

  private renderReady() {
    return html`<main class="ready" tabindex="-1">
      <h1>A small model teaches itself.</h1>
      <p>It invents Python tasks, real Python checks them, it solves them, is rewarded, and gets better. Here, on this device.</p>
      ${this.renderNotes()}
      <p class="quiet">${this.renderWays()}</p>
    </main>`;
  }

  /** The keys that do something now. */
  private renderWays() {
    const { session, waiting, canStart, complaint } = this.store;
    const recorded = html`<kbd>R</kbd> steps through a recorded run`;
    if (session.failure || complaint) return html`${recorded} all the same.`;
    if (waiting) return "Loading; it begins by itself.";
    return html`${canStart ? html`<kbd>Space</kbd> begins, one phase at a time.` : "Loading."} ${recorded}.`;
  }

  private renderKeys(run: RunState) {
    const { store } = this;
    const before = this.lookBack.before;
    const next = phaseNext(run);
    const onwards = !store.started
      ? "Begin"
      : this.lookBack.isBack || next === null
        ? "Onwards"
        : phaseInfo(run, next).title;
    const moving = store.session.motion === "running";
    return html`<footer>
      <button type="button" ?disabled=${!this.canAdvance && !this.lookBack.isBack} @click=${this.onwards}><kbd>Space</kbd>${onwards}</button>
      <button type="button" ?disabled=${before === null} @click=${this.back}><kbd>←</kbd>${before ? phaseInfo(before, phaseNow(before) ?? "propose").title : "Back"}</button>
      <button type="button" ?disabled=${!moving && !(store.started && this.canAdvance)} @click=${this.toggleMotion}><kbd>P</kbd>${moving ? "Pause" : "Run on"}</button>
      <button class="right" type="button" @click=${() => this.showKeys(true)}><kbd>?</kbd>Keys</button>
      <button type="button" @click=${this.leave}><kbd>F</kbd>Leave presentation</button>
    </footer>`;
  }

  private onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey || this.keysOpen)
      return;
    const pressed = event.composedPath().some((node) => node instanceof HTMLButtonElement);
    if (event.key === " " && pressed) return;
    const act = this.actions[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  }

  /** Whether the run can continue or start. */
  private get canAdvance(): boolean {
    const { ended, canStart, waiting } = this.store;
    return !ended && canStart && waiting === null;
  }

  private readonly onwards = (): void => {
    this.remember();
    if (this.lookBack.onwards()) this.requestUpdate();
    else if (this.canAdvance) this.store.stepPhase();
  };

  private readonly back = (): void => {
    this.remember();
    if (this.store.session.motion === "running") this.store.pause();
    else this.lookBack.back();
    this.requestUpdate();
  };

  private readonly toggleMotion = (): void => {
    const { store } = this;
    if (store.session.motion === "running") store.pause();
    else if (store.started && this.canAdvance) store.resume();
  };

  private readonly leave = (): void => this.store.whereabouts.present(false);

  private readonly actions: Readonly<Record<string, () => void>> = {
    " ": this.onwards,
    arrowright: this.onwards,
    arrowleft: this.back,
    p: this.toggleMotion,
    r: () => void this.openRecording(),
    escape: this.leave,
    "?": () => this.showKeys(true),
  };

  private async openRecording(): Promise<void> {
    try {
      const recording = fetchRecording(recordedMethodFor(this.store.setup.method));
      if (await this.store.open(recording, "step-phase")) this.store.playAt(RECORDED_SPEED);
    } catch (error) {
      // Without a network there is no recording; this is reported, and the rest works.
      if (!(error instanceof KelvinError)) throw error;
      this.store.notify(error.message, error.hint);
    }
  }

  private showKeys(open: boolean): void {
    this.keysOpen = open;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-presentation": Presentation;
  }
}
