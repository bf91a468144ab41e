import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { type GaugeInfo, KelvinError, type ListedRun } from "../../contracts";
import { titleOf } from "../../telemetry/older-logs";
import { openLog } from "../../telemetry/replay";
import "@awesome.me/webawesome/dist/components/checkbox/checkbox.js";
import { controls, select } from "../elements/controls";
import { fitted } from "../elements/fitted";
import { WidthController } from "../elements/width-controller";
import "../elements/data-table";
import "../elements/line-chart";
import "../elements/modal-dialog";
import { tableOf } from "../gauges";
import { icon } from "../icons";
import { fetchShippedLog, methodTitle, RECORDED_METHODS } from "../recordings";
import {
  type Across,
  beforeAfter,
  commonGauges,
  commonSuites,
  compareSettings,
  figuresOf,
  type Overlay,
  overlayAccuracy,
  overlayGauge,
  type RunFigures,
} from "../run-comparison";
import { type Store, StoreController } from "../store";
import { base, buttons, cards } from "../styles";
import { takeFiles } from "../take-files";

/** A run to choose. */
interface Choice {
  readonly id: string;
  readonly title: string;
  /** Loads the log; null for the run on screen. */
  readonly load: (() => Promise<Blob>) | null;
}

/** Of the smallest type: a field of 30 rem is at least so wide. */
const ROOT_PIXELS = 16;
/** Pixels of a choice beside its text. */
const ARROW = 60;

/** A select cannot have an empty value. */
const NONE = "none";
const CURRENT = "current";
/** Prefix of ids of logs from files; the URL cannot contain those. */
const FILE = "file/";

/**
 * Two runs: what they were set to, their curves over each other, before and after.
 * @fires compared with the ids of both when one was chosen
 */
@customElement("kelvin-compare-runs")
export class CompareRuns extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    cards,
    controls,
    css`
      :host { display: grid; align-content: start; grid-template-columns: minmax(0, 1.3fr) minmax(0, 1fr); gap: var(--k-space-4); }
      .choices, .said, .hint { grid-column: 1 / -1; }
      .choices { display: flex; flex-wrap: wrap; align-items: end; gap: var(--k-space-3) var(--k-space-5); }
      .choices wa-select { flex: 0 1 30rem; }
      wa-checkbox { margin-left: auto; font-size: var(--k-text-xs); color: var(--k-ink-2); }
      .card { height: auto; }
      .card > header { flex-wrap: wrap; }
      .card > header wa-select { margin-left: auto; width: 24rem; }
      .small { height: 1.75rem; font-size: var(--k-text-xs); border-color: var(--k-line); }
      .body { padding: 0.6rem var(--k-space-5) var(--k-space-4); display: grid; gap: var(--k-space-3); }
      .wide { grid-column: 1 / -1; }
      kelvin-line-chart { --chart-height: 16rem; }
      .said { display: flex; gap: 0.5rem; }
      .said .icon { color: var(--k-danger); }
      @media (max-width: 1000px) { :host { grid-template-columns: minmax(0, 1fr); } }
      @media (max-width: 720px) { .card > header wa-select { flex-direction: column; align-items: stretch; width: 100%; } .small { height: var(--k-target); margin-left: 0; } }
    `,
  ];

  @property({ attribute: false }) store!: Store;
  /** The two runs in the URL; empty if it names none. */
  @property({ attribute: false, hasChanged: (now, before) => String(now) !== String(before) })
  linked: readonly string[] = [];
  @state() private kept: readonly ListedRun[] = [];
  @state() private files: readonly { readonly id: string; readonly file: File }[] = [];
  @state() private sides: readonly [string, string] = ["", ""];
  @state() private shown = "accuracy";
  @state() private across: Across = "step";
  @state() private equalToo = false;
  @state() private tableOpen = false;
  @state() private loading = 0;
  @state() private failure = "";
  /** Files so far, those that could not be read too. */
  private opened = 0;
  private readonly size = new WidthController(this, 100, 4000);
  /** Figures per run, read once. */
  private readonly figures = new Map<string, RunFigures>();

  constructor() {
    super();
    new StoreController(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.begin();
  }

  /** Loads the runs in the URL, or the first two available. */
  private async begin(): Promise<void> {
    if (this.linked.length === 0) this.useFirst();
    await this.attempt(async () => {
      this.kept = (await this.store.library?.list()) ?? [];
    });
    this.useLinked();
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (this.hasUpdated && changed.has("linked")) this.useLinked();
  }

  private useFirst(): void {
    const runs = this.choices.map(({ id }) => id);
    void this.choose(0, runs[0] ?? "");
    void this.choose(1, runs[1] ?? "");
  }

  /** A run that is no longer on this device is left unchosen. */
  private useLinked(): void {
    for (const side of [0, 1] as const) {
      const id = this.linked[side] ?? "";
      if (id !== this.sides[side] && this.choices.some((choice) => choice.id === id)) void this.choose(side, id);
    }
  }

  /** Takes the visitor's choice. The URL follows when the run is loaded; it cannot contain a file. */
  private async take(side: 0 | 1, id: string): Promise<void> {
    await this.choose(side, id);
    // The visitor may have left the view meanwhile.
    if (!this.isConnected) return;
    const detail = this.sides.map((one) => (one === "" || one.startsWith(FILE) ? NONE : one));
    // Set now: after the next frame it would be too late for a step back in the history.
    this.linked = detail;
    this.dispatchEvent(new CustomEvent("compared", { detail }));
  }

  override render() {
    return html`<div class="choices">${this.renderChoice(0, "Run A, solid")}${this.renderChoice(1, "Run B, dashed")}
        <button class="button" type="button" @click=${this.askFile}>Open a log</button>
        <input type="file" accept=".jsonl,.gz" hidden aria-label="Log of a run" @change=${this.onFile} /></div>
      ${this.renderFilesHint()}
      ${this.failure ? html`<p class="said" role="alert">${icon("caution")}<span>${this.failure}</span></p>` : nothing}
      ${this.renderComparison()}`;
  }

  /** Says in advance that a link cannot contain a file. */
  private renderFilesHint() {
    const names = this.files.filter(({ id }) => this.sides.includes(id)).map(({ file }) => `“${file.name}”`);
    if (names.length === 0) return nothing;
    return html`<p class="hint quiet">${names.join(" and ")} ${names.length === 1 ? "is a file" : "are files"}: a link to this page, or a reload, leaves that side to be chosen again.</p>`;
  }

  private renderChoice(side: 0 | 1, label: string) {
    const id = this.sides[side];
    const options = [
      [NONE, "choose a run"] as const,
      ...this.choices.map((choice) => [choice.id, choice.title] as const),
    ];
    return select({
      label,
      value: id || NONE,
      options,
      onChange: (chosen) => void this.take(side, chosen === NONE ? "" : chosen),
      taken: (words) => this.fit(words, 30),
    });
  }

  /** As much of a choice as a field of so many rem shows, or of the whole width where that is less. */
  private fit(words: string, rem: number): string {
    return fitted(words, Math.min(this.size.width, rem * ROOT_PIXELS) - ARROW, getComputedStyle(this));
  }

  private renderComparison() {
    const runs = this.runs;
    if (!runs)
      return html`<p class="hint quiet" role="status">${this.loading > 0 ? "Reading the log…" : "Choose two runs. One may be the run on screen, the other a recorded one that comes with the page, a run kept here, or a log from a file."}</p>`;
    const overlay = this.overlayOf(runs);
    return html`${this.renderCurves(overlay, runs)}${this.renderSettings(runs)}${this.renderEnds(runs)}`;
  }

  private renderCurves(overlay: Overlay, runs: readonly [RunFigures, RunFigures]) {
    const suites = commonSuites(...runs);
    const by = this.across === "step" ? "step" : "thousand sampled tokens";
    const label = `${this.curveTitle(runs, this.shown)} of runs A and B by ${by}. The table holds the same figures.`;
    const { columns, rows } = tableOf(overlay.steps, overlay.series, 2, by);
    return html`<section class="card" aria-labelledby="curves"><header><h2 id="curves">Curves</h2>
      ${select({ label: "What is drawn", value: this.drawn(runs), options: drawable(suites, commonGauges(runs)), labelled: "beside", taken: (words) => this.fit(words, 17), onChange: (name) => this.show(name) })}
      <wa-checkbox size="s" .checked=${this.across !== "step"} @change=${this.toggleAcross}>by sampled tokens</wa-checkbox>
      <button class="button small" type="button" @click=${this.toggleTable}>Table</button></header>
      <div class="body"><kelvin-line-chart detailed label=${label} .steps=${overlay.steps} .series=${overlay.series} .range=${overlay.range}></kelvin-line-chart></div>
      <kelvin-dialog heading=${this.curveTitle(runs, this.shown)} .open=${this.tableOpen} @closed=${this.toggleTable}>
        <kelvin-data-table caption=${label} .columns=${columns} .rows=${rows}></kelvin-data-table></kelvin-dialog></section>`;
  }

  private renderSettings([{ header: a }, { header: b }]: readonly [RunFigures, RunFigures]) {
    if (!a || !b) return nothing;
    const all = compareSettings(a, b);
    const rows = all.filter(({ differs }) => differs || this.equalToo);
    const differing = all.filter(({ differs }) => differs).length;
    const table = html`<kelvin-data-table caption="${differing} of ${all.length} settings differ." .columns=${["setting", "A", "B"]} .rows=${rows.map(({ name, values }) => [name, ...values])}></kelvin-data-table>`;
    return html`<section class="card" aria-labelledby="settings"><header><h2 id="settings">Settings</h2>
        <wa-checkbox size="s" .checked=${this.equalToo} @change=${this.toggleEqual}>equal ones too</wa-checkbox></header>
      <div class="body">${rows.length > 0 ? table : html`<p>All ${all.length} settings are equal.</p>`}</div></section>`;
  }

  private renderEnds(runs: readonly [RunFigures, RunFigures]) {
    const { columns, rows } = beforeAfter(runs);
    return html`<section class="card wide" aria-labelledby="ends"><header><h2 id="ends">Before and after</h2></header>
      <div class="body"><kelvin-data-table caption="Held-out accuracy at the first and the last evaluation, greedy, percent" .columns=${columns} .rows=${rows}></kelvin-data-table></div></section>`;
  }

  private overlayOf(runs: readonly [RunFigures, RunFigures]): Overlay {
    const gauge = commonGauges(runs).find(({ name }) => name === this.shown);
    return gauge ? overlayGauge(runs, gauge, this.across) : overlayAccuracy(runs, this.suiteShown(runs), this.across);
  }

  private suiteShown(runs: readonly [RunFigures, RunFigures]): string {
    const suites = commonSuites(...runs);
    return suites.find((suite) => this.shown === `accuracy/${suite}`) ?? suites[0] ?? "";
  }

  /** Id of the chosen curve: a gauge, or accuracy on the shown suite. */
  private drawn(runs: readonly [RunFigures, RunFigures]): string {
    return commonGauges(runs).some(({ name }) => name === this.shown)
      ? this.shown
      : `accuracy/${this.suiteShown(runs)}`;
  }

  private curveTitle(runs: readonly RunFigures[], shown: string): string {
    return commonGauges(runs).find(({ name }) => name === shown)?.title ?? "Held-out accuracy";
  }

  private get choices(): readonly Choice[] {
    const { run, library, session } = this.store;
    const name = run.header ? `${titleOf(run.header)}, seed ${run.header.seed}` : "";
    return [
      ...(run.header ? [{ id: CURRENT, title: `the run on screen (${name})`, load: null }] : []),
      ...RECORDED_METHODS.map((method) => ({
        id: `shipped/${method}`,
        title: `the recorded run of ${methodTitle(method, session.methods)} that comes with the page`,
        load: () => fetchShippedLog(method),
      })),
      ...this.kept.map(({ id, name, steps }) => ({
        id: `kept/${id}`,
        title: `${name}, ${steps} steps`,
        load: async () => (library ? library.log(id) : new Blob()),
      })),
      ...this.files.map(({ id, file }) => ({ id, title: file.name, load: async () => file })),
    ];
  }

  private get runs(): readonly [RunFigures, RunFigures] | null {
    const [a, b] = this.sides.map((id) => (id === CURRENT ? this.store.run : this.figures.get(id)));
    return a?.header && b?.header ? [a, b] : null;
  }

  /** Loads a run. If it cannot be read, the previous one stays, unless another was chosen meanwhile. */
  private async choose(side: 0 | 1, id: string): Promise<void> {
    const before = this.sides[side];
    this.put(side, id);
    const load = this.choices.find((choice) => choice.id === id)?.load;
    if (!load || this.figures.has(id)) return;
    await this.attempt(async () => {
      this.figures.set(id, figuresOf(await openLog(await load())));
    });
    if (!this.figures.has(id) && this.sides[side] === id) this.put(side, before);
  }

  private put(side: 0 | 1, id: string): void {
    this.sides = side === 0 ? [id, this.sides[1]] : [this.sides[0], id];
  }

  private askFile(): void {
    this.renderRoot.querySelector<HTMLInputElement>("input[type=file]")?.click();
  }

  private async onFile(event: Event): Promise<void> {
    const [file] = takeFiles(event);
    if (!file) return;
    this.opened += 1;
    const id = `${FILE}${this.opened}`;
    this.files = [...this.files, { id, file }];
    await this.take(this.sides[0] === "" ? 0 : 1, id);
    if (!this.figures.has(id)) this.files = this.files.filter((one) => one.id !== id);
  }

  private show(name: string): void {
    this.shown = name;
  }

  private toggleTable(): void {
    this.tableOpen = !this.tableOpen;
  }

  private toggleAcross(): void {
    this.across = this.across === "step" ? "thousand tokens" : "step";
  }

  private toggleEqual(): void {
    this.equalToo = !this.equalToo;
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    this.loading += 1;
    this.failure = "";
    try {
      await work();
    } catch (error) {
      // An unreadable log is reported in place; the other run stays.
      if (!(error instanceof KelvinError)) throw error;
      this.failure = `${error.message} ${error.hint}`;
    } finally {
      this.loading -= 1;
    }
  }
}

/** Everything that can be drawn of two runs, and what it is called. */
function drawable(suites: readonly string[], gauges: readonly GaugeInfo[]): (readonly [string, string])[] {
  const accuracies = suites.map(
    (suite) => [`accuracy/${suite}`, `Held-out accuracy, ${suite.replaceAll("-", " ")}`] as const,
  );
  return [...accuracies, ...gauges.map(({ name, title }) => [name, title] as const)];
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-compare-runs": CompareRuns;
  }
}
