import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { Announcer } from "./announce";
import { KeyController } from "./key-controller";
import { ASK_AGAIN, fetchPart, NOT_LOADED } from "./missing-part";
import { isPressed, isTyped, Navigation } from "./navigation";
import "./panels/accuracy-line";
import { failureNote, noticeNote } from "./panels/failure-note";
import "./panels/gauge-panel";
import "./panels/phase-panel";
import "./panels/start-view";
import "./panels/status-line";
import "./panels/top-bar";
import "./panels/view-frame";
import "./panels/view-rail";
import { loadSheet, renderSheet, SHEET_TITLES, type SheetName } from "./sheets";
import { stageName } from "./stage";
import { type Store, StoreController } from "./store";
import { base, buttons, notes } from "./styles";
import { findView, PLAY } from "./views";

/** The page: the bar, the rail of views, the current view, and the status line. */
@customElement("kelvin-app")
export class App extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    notes,
    css`
      :host { display: grid; height: 100vh; height: 100dvh; grid: "bar bar bar" auto "rail path path" auto "rail replay replay" auto "rail stage gauges" minmax(0, 1fr) "status status status" auto / var(--k-rail) minmax(0, 1fr) var(--k-gauges); background: var(--k-bg); color: var(--k-ink); font: var(--k-weight) var(--k-text-sm) / var(--k-leading) var(--k-font-sans); -webkit-font-smoothing: antialiased; overflow-wrap: break-word; }
      :host([view]) { grid: "bar bar" auto "rail replay" auto "rail stage" minmax(0, 1fr) "status status" auto / var(--k-rail) minmax(0, 1fr); }
      kelvin-top-bar { grid-area: bar; border-bottom: 1px solid var(--k-line); background: var(--k-surface); }
      kelvin-view-rail { grid-area: rail; border-right: 1px solid var(--k-line); background: var(--k-surface); }
      kelvin-phase-panel { grid-area: path; height: var(--k-path); border-bottom: 1px solid var(--k-line); background: var(--k-surface); }
      kelvin-replay-bar { grid-area: replay; border-bottom: 1px solid var(--k-line); background: var(--k-sunken); }
      main { grid-area: stage; display: flex; flex-direction: column; min-height: 0; min-width: 0; overflow: auto; }
      /* What is said above the view takes its room from it: a view as high as the stage would run over what lies below. */
      main > * { flex: none; }
      kelvin-view-frame, kelvin-play-stage, kelvin-text-stage, kelvin-start-view { flex: 1 0 auto; min-height: 0; }
      main:focus { outline: none; }
      kelvin-gauge-panel { grid-area: gauges; border-left: 1px solid var(--k-line); background: var(--k-surface); overflow: auto; }
      kelvin-status-line { grid-area: status; min-height: var(--k-status); border-top: 1px solid var(--k-line); background: var(--k-surface); }
      kelvin-accuracy-line { display: none; background: var(--k-surface); border-bottom: 1px solid var(--k-line); }
      .skip { position: absolute; left: -999px; }
      .skip:focus-within { left: var(--k-space-4); top: var(--k-space-4); z-index: 9; background: var(--k-raised); padding: var(--k-space-3) var(--k-space-4); }
      .notes { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--k-space-3); padding: var(--k-space-4) var(--k-space-5) 0; }
      .notes:empty { display: none; }
      :host([presenting]) { display: block; position: relative; height: auto; padding: 0; }
      :host([presenting]) .hidden { top: 0; }
      @media (min-width: 1600px) { :host { --k-gauges: 28rem; } }
      @media (max-width: 1279px) {
        :host { height: auto; min-height: 100vh; grid: "bar bar" auto "rail path" auto "rail replay" auto "rail stage" 1fr "rail gauges" auto "status status" auto / var(--k-rail) minmax(0, 1fr); }
        :host([view]) { grid: "bar bar" auto "rail replay" auto "rail stage" 1fr "status status" auto / var(--k-rail) minmax(0, 1fr); }
        kelvin-phase-panel { height: auto; min-height: var(--k-path); }
        main { overflow: visible; }
        kelvin-gauge-panel { border-left: 0; border-top: 1px solid var(--k-line); overflow: visible; }
      }
      @media (max-width: 720px) {
        :host { --k-target: 2.75rem; padding-bottom: calc(3.6rem + env(safe-area-inset-bottom)); grid: "bar" auto "path" auto "replay" auto "accuracy" auto "stage" 1fr "gauges" auto "status" auto / minmax(0, 1fr); }
        :host([view]) { grid: "bar" auto "replay" auto "stage" 1fr "status" auto / minmax(0, 1fr); }
        kelvin-accuracy-line { grid-area: accuracy; display: block; }
        kelvin-top-bar { position: sticky; top: 0; z-index: 3; border-bottom: 0; }
        :host([view]) kelvin-top-bar { border-bottom: 1px solid var(--k-line); }
        kelvin-phase-panel { position: sticky; top: 3.6rem; z-index: 3; min-height: 0; }
        kelvin-view-rail { position: fixed; z-index: 4; inset: auto 0 0; border: 0; border-top: 1px solid var(--k-line); }
      }
    `,
  ];

  @property({ attribute: false }) store!: Store;
  @state() private keysOpen = false;
  @state() private sheet: SheetName | null = null;
  /** The presentation is loaded on first use. */
  @state() private presentation: "none" | "asked" | "there" = "none";
  /** The replay bar is loaded with the first recording. */
  @state() private replayBar: "none" | "asked" | "there" = "none";
  /** The stage is loaded when a run is about to start. */
  @state() private stage: "none" | "asked" | "there" | "failed" = "none";
  private readonly announcer = new Announcer();

  constructor() {
    super();
    new StoreController(this);
    new Navigation(this);
    new KeyController(this, (event) => this.onKey(event));
    this.addEventListener("open-sheet", (event) => void this.openSheet((event as CustomEvent<SheetName>).detail));
    this.addEventListener("missing-part", ({ detail }) => this.store.notify(`${detail} ${NOT_LOADED}`, ASK_AGAIN));
    this.addEventListener("visit", ({ detail }) => this.store.whereabouts.show(detail.view, detail.detail));
  }

  override willUpdate(): void {
    this.toggleAttribute("view", findView(this.store.whereabouts.place.view) !== PLAY);
    if (this.store.timeline && this.replayBar === "none") void this.fetchReplayBar();
    // If loading failed, the next recording tries again.
    if (!this.store.timeline && this.replayBar === "asked") this.replayBar = "none";
    if ((this.store.started || this.store.waiting) && this.stage === "none") void this.fetchStage();
    if (this.store.whereabouts.presenting && this.presentation === "none") void this.fetchPresentation();
    this.toggleAttribute("presenting", this.isPresenting);
  }

  private get isPresenting(): boolean {
    return this.store.whereabouts.presenting && this.presentation === "there";
  }

  private async fetchPresentation(): Promise<void> {
    this.presentation = "asked";
    const isThere = await fetchPart(this, "The presentation", () => import("./present/presentation"));
    // The presentation failed to load; Play shows the same content.
    if (!isThere) this.store.whereabouts.present(false);
    this.presentation = isThere ? "there" : "none";
  }

  private readonly fetchStage = async (): Promise<void> => {
    this.stage = "asked";
    this.stage = await Promise.all([import("./panels/play-stage"), import("./panels/text-stage")])
      .then(() => "there" as const)
      .catch(() => "failed" as const);
  };

  /** If loading fails, a recording can still be played with the buttons at the top. */
  private async fetchReplayBar(): Promise<void> {
    this.replayBar = "asked";
    if (await fetchPart(this, "The bar over the recording", () => import("./panels/replay-bar")))
      this.replayBar = "there";
  }

  override render() {
    if (this.isPresenting)
      return html`<kelvin-presentation .store=${this.store}></kelvin-presentation><p class="hidden" role="status">${this.announcer.update(this.store, performance.now())}</p>`;
    const { store } = this;
    const view = findView(store.whereabouts.place.view);
    return html`<nav class="skip" aria-label="Shortcut"><button type="button" @click=${this.skip}>Skip to the stage</button></nav>
      <kelvin-top-bar .store=${store} @open-settings=${this.openSettings}></kelvin-top-bar>
      <kelvin-view-rail .store=${store}></kelvin-view-rail>
      ${store.timeline && this.replayBar === "there" ? html`<kelvin-replay-bar .store=${store} ?compact=${view !== PLAY}></kelvin-replay-bar>` : nothing}
      ${view === PLAY ? this.renderPlay() : html`<main id="stage" tabindex="-1" aria-label=${view.title}>${this.renderNotes(true)}<kelvin-view-frame .store=${store} .view=${view} @open-settings=${this.openSettings}></kelvin-view-frame></main>`}
      <kelvin-status-line .store=${store}></kelvin-status-line>
      ${renderSheet(this.sheet, store, this.closeSheet)}
      <kelvin-keys-dialog .open=${this.keysOpen} @closed=${() => this.showKeys(false)}></kelvin-keys-dialog>
      <p class="hidden" role="status">${this.announcer.update(store, performance.now())}</p>`;
  }

  private renderPlay() {
    const { store } = this;
    return html`<kelvin-phase-panel .store=${store}></kelvin-phase-panel>
      <kelvin-accuracy-line .store=${store}></kelvin-accuracy-line>
      <main id="stage" tabindex="-1" aria-label="Stage">
        ${this.renderNotes(store.started)}
        ${store.started ? this.renderStage() : html`<kelvin-start-view .store=${store} @open-settings=${this.openSettings}></kelvin-start-view>`}
      </main>
      <kelvin-gauge-panel .store=${store} role="complementary" aria-label="Gauges"></kelvin-gauge-panel>`;
  }

  private renderStage() {
    if (this.stage === "there")
      return stageName(this.store.run) === "tasks"
        ? html`<kelvin-play-stage .store=${this.store}></kelvin-play-stage>`
        : html`<kelvin-text-stage .store=${this.store}></kelvin-text-stage>`;
    if (this.stage !== "failed") return nothing;
    return html`<div class="notes" role="alert"><p>The stage ${NOT_LOADED} The run goes on.</p>
      <p><button class="button" type="button" @click=${this.fetchStage}>Try again</button></p></div>`;
  }

  /** The Start view shows its own note if nothing can be started. */
  private renderNotes(withFailure: boolean) {
    const { failure } = this.store.session;
    if (!this.store.session.notice && !(withFailure && failure)) return nothing;
    return html`<div class="notes">${withFailure && failure ? failureNote(this.store, failure) : nothing}${noticeNote(this.store)}</div>`;
  }

  /** On Play the space bar advances one phase, unless the focused control uses it; in other views it scrolls. */
  private onKey(event: KeyboardEvent): void {
    if (this.isPresenting || isTyped(event)) return;
    if (event.key === "?") this.showKeys(true);
    const isOnPlay = findView(this.store.whereabouts.place.view) === PLAY;
    if (event.key !== " " || event.shiftKey || isPressed(event) || !isOnPlay || !this.store.canStart) return;
    event.preventDefault();
    this.store.stepPhase();
  }

  private async openSheet(name: SheetName): Promise<void> {
    if (await fetchPart(this, SHEET_TITLES[name], () => loadSheet(name))) this.sheet = name;
  }

  private readonly closeSheet = (): void => {
    this.sheet = null;
  };

  private skip(): void {
    this.renderRoot.querySelector<HTMLElement>("main")?.focus();
  }

  private showKeys(open: boolean): void {
    this.keysOpen = open;
    // The element is upgraded in place once its code is loaded.
    if (open) void this.fetchKeys();
  }

  private async fetchKeys(): Promise<void> {
    if (!(await fetchPart(this, "The list of keys", () => import("./panels/keys-dialog")))) this.keysOpen = false;
  }

  private openSettings(): void {
    void this.openSheet("settings");
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-app": App;
  }
}
