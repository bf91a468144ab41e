import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { KelvinError, type ListedRun, type PairRow } from "../../contracts";
import { download } from "../download";
import { controls, select } from "../elements/controls";
import { plural } from "../format";
import { icon, typeLabel } from "../icons";
import { MOST_OWN_PAIRS, pairsFile } from "../own-pairs";
import { TASK_TITLE } from "../reading";
import { type Store, StoreController } from "../store";
import { base, buttons, cards, types } from "../styles";
import { takeFiles } from "../take-files";
import "./pair-form";

/** Rows of the list at first, and more with each press. */
const ROWS = 50;
/** A file of as many pairs as are learned from is far smaller. */
const MOST_FILE_BYTES = 8e6;

/** The visitor's worked examples: written here, read from a file, or taken from a run's right answers. */
@customElement("kelvin-own-pairs")
export class OwnPairsPanel extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    cards,
    types,
    controls,
    css`
      :host { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); align-items: start; gap: var(--k-space-4); }
      .card { height: auto; }
      .body { padding: 0.4rem var(--k-space-5) var(--k-space-4); display: grid; gap: var(--k-space-4); color: var(--k-ink-2); }
      .ways { display: flex; flex-wrap: wrap; gap: var(--k-space-3); align-items: end; }
      .ways wa-select { flex: 1 1 12rem; max-width: 24rem; }
      li { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr) auto; align-items: center; gap: var(--k-space-3); border-top: 1px solid var(--k-line); padding: 0.25rem var(--k-space-5); }
      .open { border: 0; background: none; padding: 0.2rem 0; min-height: var(--k-target); text-align: left; font-family: var(--k-font-mono); font-size: var(--k-text-sm); overflow-wrap: anywhere; white-space: pre-wrap; }
      .open small { display: block; color: var(--k-ink-3); font-size: var(--k-text-xs); }
      .more { border-top: 1px solid var(--k-line); padding: 0.5rem var(--k-space-5); }
      .said { display: flex; gap: 0.5rem; align-items: start; }
      .said .icon { color: var(--k-caution); }
      @media (max-width: 1000px) { :host { grid-template-columns: minmax(0, 1fr); } }
      @media (max-width: 720px) { li { grid-template-columns: 1.3rem minmax(0, 1fr) auto; } .type > span { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); } }
    `,
  ];

  @property({ attribute: false }) store!: Store;
  @state() private edited: PairRow | null = null;
  @state() private shown = ROWS;
  @state() private runs: readonly ListedRun[] = [];
  @state() private chosenRun = "";
  /** What is being read; "" for nothing. */
  @state() private reading = "";
  @state() private outcome = "";
  @state() private failure = "";

  constructor() {
    super();
    new StoreController(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.listRuns();
  }

  override render() {
    const { pairs, complaint } = this.store.ownPairs;
    const trouble = this.failure || complaint;
    return html`<section class="card" aria-labelledby="title"><header><h2 id="title">Your pairs</h2><p class="number">${plural(pairs.length, "pair")}, kept on this device</p></header>
        <div class="body"><p>Few-shot SFT learns from these, if there are any, in place of pairs that the model proposes. A link does not carry them; save them as a file for that. At most ${MOST_OWN_PAIRS.toLocaleString("en-US")}.</p>
          ${this.renderWays(pairs)}
          ${trouble ? html`<p class="said" role="alert">${icon("caution")}<span>${trouble}</span></p>` : nothing}
          <p class="quiet" role="status">${this.reading || this.outcome}</p></div>
        <ul aria-label="Your pairs">${pairs.slice(0, this.shown).map((pair) => this.renderPair(pair))}</ul>
        ${pairs.length > this.shown ? html`<p class="more"><button class="button" type="button" @click=${this.showMore}>Show more</button> <span class="quiet number">${this.shown} of ${pairs.length}</span></p>` : nothing}
      </section>
      <kelvin-pair-form .store=${this.store} .edited=${this.edited} @written=${this.onWritten} @closed=${() => (this.edited = null)}></kelvin-pair-form>`;
  }

  private renderWays(pairs: readonly PairRow[]) {
    const isBusy = this.reading !== "";
    return html`<div class="ways">
        <button class="button" type="button" ?disabled=${isBusy} @click=${this.chooseFile}>Read a file</button>
        <input type="file" accept=".jsonl,.json,application/jsonl,text/plain" hidden aria-label="File of pairs" @change=${this.onFile} />
        <button class="button" type="button" ?disabled=${pairs.length === 0} @click=${() => download("your-pairs.jsonl", pairsFile(pairs))}>Save as a file</button>
        <button class="button" type="button" ?disabled=${pairs.length === 0} @click=${this.clear}>Remove all</button></div>
      ${this.runs.length === 0 ? nothing : this.renderRuns(isBusy)}`;
  }

  private renderRuns(isBusy: boolean) {
    return html`<div class="ways">${select({ label: "Right answers of a run", value: this.chosenRun, options: this.runs.map(({ id, name }) => [id, name]), onChange: (id) => (this.chosenRun = id) })}
      <button class="button" type="button" ?disabled=${isBusy} @click=${this.takeAnswers}>Take them</button></div>`;
  }

  private renderPair(pair: PairRow) {
    const { type, program, input, output, answer } = pair;
    const line = `${bodyOf(program)} on ${input}`;
    return html`<li class=${type}>${typeLabel(type, TASK_TITLE[type])}
      <button class="open" type="button" aria-expanded=${this.edited === pair} aria-label="Edit ${line}" @click=${() => this.edit(pair)}>${line}<small>${answer ?? `worked out: ${type === "deduction" ? output : input}`}</small></button>
      <button class="button bare" type="button" aria-label="Remove ${line}" @click=${() => this.drop(pair)}>${icon("close")}</button></li>`;
  }

  private edit(pair: PairRow): void {
    this.edited = this.edited === pair ? null : pair;
  }

  private drop(pair: PairRow): void {
    if (this.edited === pair) this.edited = null;
    this.store.changeOwnPairs((own) => own.remove(pair));
  }

  private clear(): void {
    this.edited = null;
    this.outcome = "";
    this.store.changeOwnPairs((own) => own.clear());
  }

  private showMore(): void {
    this.shown += ROWS;
  }

  private onWritten({ detail }: CustomEvent<PairRow>): void {
    const { edited } = this;
    this.edited = null;
    this.outcome = "";
    this.store.changeOwnPairs((own) => (edited ? own.replace(edited, detail) : own.add([detail])));
  }

  private chooseFile(): void {
    this.renderRoot.querySelector<HTMLInputElement>("input[type=file]")?.click();
  }

  private onFile(event: Event): Promise<void> {
    const [file] = takeFiles(event);
    if (!file) return Promise.resolve();
    return this.take(`The verifier runs the programs of ${file.name}…`, async () => {
      if (file.size > MOST_FILE_BYTES)
        throw new KelvinError("input", `${file.name} is too large`, "Pairs are read up to 8 MB");
      return this.store.ask("pairs", { file: file.name, text: await file.text() });
    });
  }

  private takeAnswers(): Promise<void> {
    const { library } = this.store;
    if (!library) return Promise.resolve();
    return this.take("Reading the run…", async () => {
      const pairs = await library.rightAnswers(this.chosenRun);
      if (pairs.length > 0) return pairs;
      throw new KelvinError("input", "This run holds no right answer to a deduction or abduction", "Take another");
    });
  }

  /** Adds pairs from elsewhere; what cannot be read is reported in place. */
  private async take(words: string, read: () => Promise<readonly PairRow[]>): Promise<void> {
    this.reading = words;
    this.failure = "";
    this.outcome = "";
    try {
      const pairs = await read();
      const before = this.store.ownPairs.pairs.length;
      this.store.changeOwnPairs((own) => own.add(pairs));
      this.outcome = `${plural(this.store.ownPairs.pairs.length - before, "pair")} of ${pairs.length} added.`;
    } catch (error) {
      if (!(error instanceof KelvinError)) throw error;
      this.failure = `${error.message.replace(/\.$/u, "")}. ${error.hint}`;
    } finally {
      this.reading = "";
    }
  }

  private async listRuns(): Promise<void> {
    try {
      this.runs = (await this.store.library?.list()) ?? [];
      this.chosenRun = this.runs[0]?.id ?? "";
    } catch (error) {
      // Without the list of runs, the other two ways are left.
      if (!(error instanceof KelvinError)) throw error;
    }
  }
}

/** The statements of a program in one line. */
function bodyOf(program: string): string {
  return program
    .split("\n")
    .slice(1)
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("; ");
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-own-pairs": OwnPairsPanel;
  }
}
