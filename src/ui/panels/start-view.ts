import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { KelvinError } from "../../contracts";
import "../elements/load-bar";
import { bytes } from "../format";
import { icon } from "../icons";
import { fetchPart } from "../missing-part";
import { fetchRecording, methodTitle, openRecording, RECORDED_METHODS, recordedMethodFor } from "../recordings";
import type { ReplaySource } from "../replay-source";
import { type Failure, OF_ADAPTER } from "../session";
import { DEFAULT_SETUP } from "../setup";
import { ShippedRunController } from "../shipped-run";
import { type Store, StoreController } from "../store";
import { base, buttons, notes } from "../styles";
import { takeFiles } from "../take-files";
import { teacherOf } from "../teachers";
import { hasSeenTour, keepTourSeen } from "../tour";
import { complaintNote, failureNote, plainNote } from "./failure-note";
import "./recorded-field";

const LOOP = [
  ["Propose", "The model writes a small Python program and an input."],
  ["Verify", "Real Python runs it twice and rules: valid or refused."],
  ["Solve", "The same model answers the task, several times."],
  ["Reward", "Right +1, wrong −0.5, no answer −1."],
  ["Advantage", "Each reward is compared with its group."],
  ["Update", "What worked becomes more likely."],
] as const;

/** The view before the first run: one sentence, one button, and what is downloaded. */
@customElement("kelvin-start-view")
export class StartView extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    notes,
    css`
      :host { display: grid; grid-template-rows: minmax(min-content, 1fr) auto; gap: var(--k-space-6); min-height: 100%; padding: var(--k-space-6) var(--k-space-8); }
      .open { align-self: center; display: grid; grid-template-columns: minmax(0, 42rem) minmax(0, 17rem); justify-content: space-between; align-items: center; gap: var(--k-space-6) var(--k-space-8); }
      .invite { display: grid; gap: var(--k-space-6); }
      h1 { font-size: 2.875rem; line-height: 1.05; letter-spacing: -0.03em; font-weight: var(--k-weight-bold); text-wrap: balance; }
      .lead { font-size: var(--k-text-lg); color: var(--k-ink-2); line-height: 1.5; max-width: 36rem; text-wrap: pretty; }
      .go { display: flex; flex-wrap: wrap; align-items: center; gap: var(--k-space-4) var(--k-space-6); }
      .huge { height: 3.5rem; padding: 0 2.25rem 0 1.9rem; font-size: 1.25rem; gap: 0.7rem; border-radius: var(--k-radius-3); }
      .huge .icon { width: 1.25rem; height: 1.25rem; }
      .aside { color: var(--k-ink-2); max-width: 20rem; }
      .alternatives { display: flex; flex-wrap: wrap; gap: var(--k-space-3) var(--k-space-6); }
      .link { border: 0; background: none; padding: 0.3rem 0; text-decoration: underline; text-underline-offset: 3px; min-height: var(--k-target); }
      .others summary { cursor: pointer; width: max-content; min-height: var(--k-target); line-height: var(--k-target); text-decoration: underline; text-underline-offset: 3px; }
      .loading { display: grid; gap: 0.5rem; padding-top: var(--k-space-5); border-top: 1px solid var(--k-line); max-width: 38rem; }
      .said { max-width: 38rem; }
      ol { display: grid; grid-template-columns: repeat(6, 1fr); gap: var(--k-space-5); padding-top: var(--k-space-5); border-top: 1px solid var(--k-line); }
      li { display: grid; gap: 0.2rem; align-content: start; font-size: var(--k-text-xs); color: var(--k-ink-3); }
      li b { color: var(--k-ink); font-size: var(--k-text-sm); }
      @media (max-width: 1439px) and (min-width: 1001px) { :host { gap: var(--k-space-5); padding: var(--k-space-5) var(--k-space-7); } .open { grid-template-columns: minmax(0, 42rem) minmax(0, 14rem); gap: var(--k-space-6); } .invite { gap: var(--k-space-5); } h1 { font-size: 2.25rem; } .lead { font-size: var(--k-text-md); } }
      @media (max-width: 1000px) { .open { grid-template-columns: minmax(0, 42rem); } kelvin-recorded-field { max-width: 17rem; } ol { grid-template-columns: repeat(3, 1fr); } }
      @media (max-width: 720px) { :host { padding: var(--k-space-6) var(--k-space-5); } h1 { font-size: 2.1rem; } .lead { font-size: var(--k-text-md); } .huge { width: 100%; } ol { grid-template-columns: 1fr 1fr; } }
    `,
  ];

  @property({ attribute: false }) store!: Store;
  @state() private logFailure: Failure | null = null;
  /** What is being opened (a method's recorded run, or a file); "" for nothing. */
  @state() private opening = "";
  @state() private othersShown = false;
  @state() private tourOpen = false;
  @state() private tourSeen = hasSeenTour();
  /** Optional: if it fails to load, opening the recording reports the error. */
  private readonly shipped = new ShippedRunController(this, () => this.recorded);

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    const { failure } = this.store.session;
    return html`<div class="open"><div class="invite">
        ${this.renderInvitation()}
        ${failure ? failureNote(this.store, failure) : this.renderGo()}
        ${failure && OF_ADAPTER.has(failure.reason) ? this.renderWatch() : nothing}
        ${this.store.complaint ? complaintNote(this.store, this.store.complaint) : nothing}
        ${this.logFailure ? plainNote(this.logFailure) : nothing}
        ${this.renderAlternatives()}
        ${failure && OF_ADAPTER.has(failure.reason) ? nothing : this.renderLoading()}
      </div>
      <kelvin-recorded-field .field=${this.shipped.run?.field ?? null}></kelvin-recorded-field></div>
      ${this.ofDefaultMethod ? html`<ol aria-label="One step of training">${LOOP.map(([name, text]) => html`<li><b>${name}</b><span>${text}</span></li>`)}</ol>` : nothing}`;
  }

  /** Introduction for the first visit; other methods show their own sentence. */
  private renderInvitation() {
    const { session, setup } = this.store;
    const method = session.methods.find(({ name }) => name === setup.method);
    if (!this.ofDefaultMethod) {
      return html`<h1>A small model is about to learn ${teacherOf(method).headline}.</h1><p class="lead">${method?.summary ?? "Everything runs on this device."}</p>`;
    }
    return html`<h1>A small model is about to learn from tasks it invents.</h1>
      <p class="lead">It writes short Python programs, a verifier rules on them, it predicts what they do, and right answers are rewarded. Everything runs on this device.</p>`;
  }

  private get ofDefaultMethod(): boolean {
    return this.store.setup.method === DEFAULT_SETUP.method;
  }

  private renderGo() {
    const { store } = this;
    const label = store.waiting ? "Starting…" : "Start";
    return html`<div class="go">
        <button class="button primary huge" type="button" ?disabled=${!store.canStart || store.waiting !== null} @click=${() => store.start()}>${icon("start")}${label}</button>
        <p class="aside">${store.waiting ? "The run begins as soon as everything below is ready." : `Nothing to set up.${this.ofDefaultMethod ? " The curve usually turns between step 25 and 50." : ""}`}</p>
      </div>
      ${this.renderPairs()}
      ${store.session.device?.software ? this.renderSoftware() : nothing}`;
  }

  /** Where the examples come from, for a method that learns from examples. */
  private renderPairs() {
    const { givenPairs, learnsFromExamples, whereabouts } = this.store;
    if (!learnsFromExamples) return nothing;
    const words =
      givenPairs.length > 0
        ? `It will be shown your pairs: ${givenPairs.length}.`
        : "It will be shown pairs that it proposes and Python works out.";
    return html`<p>${words} <button class="link" type="button" @click=${() => whereabouts.show("tasks", "pairs")}>${givenPairs.length > 0 ? "See them" : "Write your own"}</button></p>`;
  }

  private renderSoftware() {
    const small = this.store.setup.preset === "small";
    const cpu = this.store.session.device?.architecture === "wasm";
    return html`<div class="said caution" role="note">${icon("caution")}<p class="first">This browser has no graphics card to use, so the processor stands in for one.</p>
      <p>${cpu ? "It computes the same numbers on every machine, a step in seconds." : "It computes the same numbers, some ten to fifty times slower."} ${small ? "The small preset is chosen: fewer samples per step." : "The small preset takes fewer samples per step."}
        ${small ? nothing : html`<button class="link" type="button" @click=${() => this.store.configure({ preset: "small" })}>Use the small preset</button>`}</p></div>`;
  }

  /** If training is impossible, the recorded run takes the place of Start. */
  private renderWatch() {
    return html`<div class="go">
        <button class="button primary huge" type="button" ?disabled=${this.opening !== ""} @click=${() => this.watch(this.recorded)}>${icon("start")}${this.watchLabel}</button>
        <p class="aside">A whole run of ${this.titleOf(this.recorded)} on the shipped model, in the same views.</p>
      </div>`;
  }

  private titleOf(method: string): string {
    return methodTitle(method, this.store.session.methods);
  }

  /** The method whose recorded run is offered first. */
  private get recorded(): string {
    return recordedMethodFor(this.store.setup.method);
  }

  private get watchLabel(): string {
    const { run } = this.shipped;
    const size = run && this.opening === this.recorded ? ` (${bytes(run.log.bytes)})` : "";
    return this.opening === "" ? "Watch a recorded run" : `Loading the recorded run${size}…`;
  }

  private renderAlternatives() {
    const { failure } = this.store.session;
    const watched = failure !== null && OF_ADAPTER.has(failure.reason);
    return html`<p class="alternatives">
      ${this.ofDefaultMethod ? this.renderTour() : nothing}
      ${watched ? nothing : html`<button class="link" type="button" ?disabled=${this.opening !== ""} @click=${() => this.watch(this.recorded)}>${this.watchLabel}</button>`}
      <button class="link" type="button" @click=${this.chooseLog}>Open a log</button>
      <button class="link" type="button" @click=${this.openSettings}>Change method or settings</button>
      <input type="file" accept=".jsonl,.gz,application/jsonl,application/gzip,text/plain" hidden aria-label="Log of a run" @change=${this.onLog} />
    </p>
    <kelvin-tour-dialog .open=${this.tourOpen} @closed=${() => (this.tourOpen = false)}></kelvin-tour-dialog>
    ${this.renderOthers()}`;
  }

  /** On a first visit a button, afterwards a link among others. */
  private renderTour() {
    const [kind, words] = this.tourSeen
      ? ["link", "How it works"]
      : ["button", "New here? How it works, in four cards"];
    return html`<button class=${kind} type="button" @click=${this.openTour}>${words}</button>`;
  }

  private async openTour(): Promise<void> {
    this.tourOpen = await fetchPart(this, "The tour", () => import("./tour-dialog"));
    if (this.tourOpen) keepTourSeen();
    this.tourSeen = hasSeenTour();
  }

  /** Recorded runs of the methods that are not set up. */
  private renderOthers() {
    const others = RECORDED_METHODS.filter((method) => method !== this.recorded);
    const list = html`<p class="alternatives">${others.map((method) => html`<button class="link" type="button" ?disabled=${this.opening !== ""} @click=${() => this.watch(method)}>Watch one of ${this.titleOf(method)}</button>`)}</p>`;
    return html`<details class="others" ?open=${this.othersShown} @toggle=${this.onOthers}><summary>Watch another method</summary>${this.othersShown ? list : nothing}</details>`;
  }

  private onOthers(event: Event): void {
    this.othersShown = (event.target as HTMLDetailsElement).open;
  }

  private renderLoading() {
    const { model, python, kernels } = this.store.session.progress;
    return html`<div class="loading" role="group" aria-label="What is downloaded, and why">
      <kelvin-load-bar name="Weights" purpose="the model that will learn" .loaded=${model?.loaded ?? 0} .total=${model?.total ?? 0}></kelvin-load-bar>
      <kelvin-load-bar name="Python" purpose="it rules on programs and answers" settling=${this.store.session.loaded ? "" : "starting"} .loaded=${python?.loaded ?? 0} .total=${python?.total ?? 0}></kelvin-load-bar>
      <kelvin-load-bar name="Kernels" purpose="compiled for this device" unit="kernels" .loaded=${kernels?.loaded ?? 0} .total=${kernels?.total ?? 0}></kelvin-load-bar>
    </div>`;
  }

  private chooseLog(): void {
    this.renderRoot.querySelector<HTMLInputElement>("input[type=file]")?.click();
  }

  private onLog(event: Event): Promise<void> {
    const [file] = takeFiles(event);
    return file ? this.play("a file", openRecording(file)) : Promise.resolve();
  }

  private watch(method: string): Promise<void> {
    return this.play(method, fetchRecording(method));
  }

  private async play(what: string, recording: Promise<ReplaySource>): Promise<void> {
    this.logFailure = null;
    this.opening = what;
    try {
      await this.store.open(recording);
    } catch (error) {
      // A file that is not a log is reported in place.
      if (!(error instanceof KelvinError)) throw error;
      this.logFailure = { reason: "config", message: error.message, hint: error.hint };
    } finally {
      this.opening = "";
    }
  }

  private openSettings(): void {
    this.dispatchEvent(new CustomEvent("open-settings"));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-start-view": StartView;
  }
}
