import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import {
  type ExportKind,
  KelvinError,
  type ListedRun,
  type RunLibrary,
  type StorageUse,
  type UnreadableRun,
} from "../../contracts";
import { finishedSteps } from "../../telemetry/state";
import { download } from "../download";
import "../elements/modal-dialog";
import { bytes, plural } from "../format";
import { icon } from "../icons";
import { fetchLinked, keptLink } from "../linked-recording";
import { setupOf, shortest } from "../setup";
import { type Store, StoreController } from "../store";
import { base, buttons } from "../styles";
import { takeFiles } from "../take-files";
import type { RunActionEvent } from "./runs/run-row";
import "./runs/run-row";

/** Interval for reading the list while one of its runs is being written. */
const LOOK_AGAIN_MS = 2000;

/**
 * The runs stored on this device, and their actions.
 * @fires open-settings for a run with the same setup as another
 */
@customElement("kelvin-runs-view")
export class RunsView extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    css`
      :host { display: grid; align-content: start; gap: var(--k-space-4); max-width: 110rem; padding: var(--k-space-5); }
      header { display: flex; flex-wrap: wrap; align-items: center; gap: var(--k-space-3) var(--k-space-5); }
      h1 { font-size: var(--k-text-xl); letter-spacing: var(--k-tracking-tight); }
      h2 { font-size: var(--k-text-md); margin-bottom: var(--k-space-3); }
      header p { color: var(--k-ink-2); margin-right: auto; }
      ul { display: grid; gap: var(--k-space-4); }
      .said { display: flex; gap: var(--k-space-3); align-items: start; padding: var(--k-space-3) var(--k-space-4); border: 1px solid var(--k-line-strong); border-radius: var(--k-radius-2); background: var(--k-surface); }
      .said .icon { color: var(--k-danger); margin-top: 0.15rem; }
      .said p { flex: 1; }
      .none { display: grid; justify-items: start; gap: var(--k-space-4); padding: var(--k-space-7) 0; color: var(--k-ink-2); max-width: 36rem; }
      .none b { color: var(--k-ink); font-size: var(--k-text-lg); }
      .choices { display: flex; gap: var(--k-space-3); justify-content: end; }
      @media (max-width: 720px) { :host { padding: var(--k-space-4); } header p { flex-basis: 100%; order: 3; } }
    `,
  ];

  @property({ attribute: false }) store!: Store;
  @state() private runs: readonly ListedRun[] | null = null;
  @state() private unreadable: readonly UnreadableRun[] = [];
  @state() private use: StorageUse | null = null;
  @state() private failure: KelvinError | null = null;
  /** What the visitor is waiting for, in words; shown beside the list. */
  @state() private waits: readonly string[] = [];
  /** The run that is to be deleted once that is said again. */
  @state() private doomed: Pick<ListedRun, "id" | "name" | "bytes" | "checkpoint"> | null = null;
  private again: ReturnType<typeof setTimeout> | undefined;
  /** The list when last read, for comparison. */
  private seen = "";

  constructor() {
    super();
    new StoreController(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.again);
  }

  override updated(_: PropertyValues): void {
    const { kept, motion } = this.store.session;
    const steps = this.store.timeline ? null : finishedSteps(this.store.run);
    const now = `${kept?.id} ${kept?.step} ${kept?.busy} ${motion === "idle"} ${steps}`;
    if (now !== this.seen) void this.refresh();
    this.seen = now;
  }

  override render() {
    return html`<header><h1>Runs</h1><p class="number">${this.summary}</p>
        <button class="button" type="button" ?disabled=${this.waits.length > 0} @click=${this.chooseFile}>Import a log or a run</button>
        <input type="file" accept=".jsonl,.gz,.zip" hidden aria-label="Log or folder of a run" @change=${this.onFile} /></header>
      ${this.failure ? this.renderFailure(this.failure) : nothing}
      ${this.waits.length > 0 ? html`<p role="status">${this.waits.at(-1)}</p>` : nothing}
      ${this.runs?.length === 0 && this.unreadable.length === 0 ? this.renderNone() : nothing}
      <ul>${repeat(
        this.runs ?? [],
        ({ id }) => id,
        (run) =>
          html`<li><kelvin-run-row .run=${run} .methods=${this.store.session.methods} .digest=${this.store.session.loaded?.model.digest} @run-action=${this.onAction} @run-rename=${this.onRename}></kelvin-run-row></li>`,
      )}</ul>
      ${this.unreadable.length > 0 ? this.renderUnreadable() : nothing}
      ${this.renderDoomed()}`;
  }

  private get summary(): string {
    if (!this.runs || !this.use) return this.failure ? "" : "Reading what is kept…";
    const room = this.use.granted === null ? "" : ` of ${bytes(this.use.granted)} this browser allows`;
    return `${plural(this.runs.length, "run")} kept on this device, ${bytes(this.use.used)}${room}.`;
  }

  private renderFailure({ message, hint }: KelvinError) {
    return html`<div class="said" role="alert">${icon("caution")}<p><b>${message}</b> ${hint}</p>
      ${this.runs === null ? html`<button class="button" type="button" @click=${this.tryAgain}>Try again</button>` : nothing}
      <button class="button bare" type="button" aria-label="Put the message away" @click=${this.forgive}>${icon("close")}</button></div>`;
  }

  private renderNone() {
    return html`<div class="none"><p><b>No run is kept yet.</b></p>
      <p>Every run is written to this device while it happens, with what it takes to go on after the tab was closed. Nothing is sent anywhere.</p>
      <button class="button primary" type="button" @click=${() => this.store.whereabouts.show("play")}>Go to Play</button></div>`;
  }

  /** What takes room and cannot be read can be deleted. */
  private renderUnreadable() {
    return html`<section aria-label="Runs that cannot be read"><h2>Cannot be read</h2><ul>${this.unreadable.map(
      ({ id, why, bytes: size }) =>
        html`<li class="said">${icon("caution")}<p><b>${id}</b> ${bytes(size)}; ${why}.</p>
          <button class="button" type="button" aria-label="Delete ${id}" @click=${() => this.doom(id, size)}>Delete</button></li>`,
    )}</ul></section>`;
  }

  private doom(id: string, size: number): void {
    this.doomed = { id, name: id, bytes: size, checkpoint: null };
  }

  private renderDoomed() {
    const run = this.doomed;
    return html`<kelvin-dialog heading="Delete this run?" .open=${run !== null} @closed=${this.spare}>
      <p>${run?.name}: ${run?.checkpoint === null ? "its log is" : "its log, its weights and its checkpoint are"} removed from this device. ${run ? bytes(run.bytes) : ""} become free. This cannot be undone.</p>
      <div class="choices"><button class="button" type="button" @click=${this.spare}>Keep it</button>
        <button class="button primary" type="button" @click=${this.erase}>Delete it</button></div>
    </kelvin-dialog>`;
  }

  private async refresh(): Promise<void> {
    await this.attempt(async (library) => {
      [this.runs, this.unreadable, this.use] = await Promise.all([
        library.list(),
        library.unreadable(),
        library.usage(),
      ]);
    });
    // A run's lock ends a moment after the run, and another tab's run sends no message.
    clearTimeout(this.again);
    if (this.isConnected && this.runs?.some(({ busy }) => busy))
      this.again = setTimeout(() => void this.refresh(), LOOK_AGAIN_MS);
  }

  /** Calls the library; an error is shown in place. */
  private async attempt(work: (library: RunLibrary) => Promise<void>): Promise<void> {
    const { library } = this.store;
    if (!library) return;
    try {
      await work(library);
    } catch (error) {
      if (!(error instanceof KelvinError)) throw error;
      this.failure = error;
    }
  }

  /** The same, and shows what is being waited for. */
  private async wait(words: string, work: (library: RunLibrary) => Promise<void>): Promise<void> {
    this.waits = [...this.waits, words];
    try {
      await this.attempt(work);
    } finally {
      this.waits = this.waits.toSpliced(this.waits.indexOf(words), 1);
    }
  }

  private onAction({ detail: { run, action, files } }: CustomEvent<RunActionEvent>): void {
    if (action === "resume") this.store.goOn(run, files);
    else if (action === "replay") void this.replay(run);
    else if (action === "duplicate") this.duplicate(run);
    else if (action === "delete") this.doomed = run;
    else void this.export(run, action);
  }

  private onRename({ detail: { run, name } }: CustomEvent<{ run: ListedRun; name: string }>): void {
    void this.attempt((library) => library.rename(run.id, name)).then(() => this.refresh());
  }

  private async replay({ id }: ListedRun): Promise<void> {
    await this.wait("Opening the log…", async () => {
      const plays = await this.store.open(fetchLinked(this.store, keptLink(id)));
      // Do not call back a visitor who has left the view.
      if (plays && this.isConnected) this.store.whereabouts.show("play");
    });
  }

  private duplicate({ run }: ListedRun): void {
    this.store.reset();
    this.store.configure(shortest(setupOf(run), this.store.session.methods));
    this.store.whereabouts.show("play");
    this.dispatchEvent(new CustomEvent("open-settings", { bubbles: true, composed: true }));
  }

  private async export({ id }: ListedRun, kind: ExportKind): Promise<void> {
    await this.wait("Preparing the file…", async (library) => {
      const { name, file } = await library.export(id, kind);
      download(name, file);
    });
  }

  private async erase(): Promise<void> {
    const run = this.doomed;
    this.doomed = null;
    if (!run) return;
    await this.attempt((library) => library.remove(run.id));
    await this.refresh();
  }

  private spare(): void {
    this.doomed = null;
  }

  private forgive(): void {
    this.failure = null;
  }

  private tryAgain(): void {
    this.forgive();
    void this.refresh();
  }

  private chooseFile(): void {
    this.renderRoot.querySelector<HTMLInputElement>("input[type=file]")?.click();
  }

  private async onFile(event: Event): Promise<void> {
    const [file] = takeFiles(event);
    if (!file) return;
    this.failure = null;
    await this.wait("Reading the file…", async (library) => {
      await library.import(file);
    });
    await this.refresh();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-runs-view": RunsView;
  }
}
