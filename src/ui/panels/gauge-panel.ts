import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { type GaugeInfo, USUAL_GAUGES } from "../../contracts";
import "../elements/data-table";
import "../elements/line-chart";
import "../elements/modal-dialog";
import type { ChartSeries } from "../elements/line-chart-types";
import { duration, fixed, stepNumber } from "../format";
import { gaugeRange, gaugeSeries, lastValue, phaseSeconds, tableOf } from "../gauges";
import { phasesOf } from "../phase-notes";
import { type Store, StoreController } from "../store";
import { base, buttons, types } from "../styles";
import { placeLink, termPlace } from "../visit";
import "./headline-gauge";

const TIMES: GaugeInfo = {
  name: "phase-times",
  term: "phase-times",
  title: "Time per step",
  short: "seconds per phase",
  metric: "",
  range: [0, 2],
  decimals: 2,
  meaning:
    "Seconds spent in each phase of a step. Proposing and solving write tokens one after another, so they take most of it.",
};

/** The gauges: held-out accuracy first. Each opens its meaning and its table. */
@customElement("kelvin-gauge-panel")
export class GaugePanel extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    types,
    css`
      :host { display: grid; grid-template-rows: auto minmax(min-content, 1fr); }
      .tiles { display: grid; grid-template-columns: 1fr 1fr; grid-auto-rows: minmax(5.4rem, 1fr); }
      .tile { display: flex; flex-direction: column; justify-content: center; gap: 0.28rem; min-width: 0; padding: 0.4rem 0.9rem; border: 0; border-top: 1px solid var(--k-line); background: none; text-align: left; }
      .tile:nth-child(odd) { border-right: 1px solid var(--k-line); }
      .tile:hover { background: var(--k-hover); }
      .tile:focus-visible { outline-offset: -3px; }
      .head { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 0.3rem; white-space: nowrap; width: 100%; }
      .title { font-size: var(--k-text-xs); font-weight: var(--k-weight-medium); }
      .values { display: flex; flex-wrap: wrap; gap: 0.15rem 0.28rem; font-size: var(--k-text-2xs); }
      .head.apart .values { flex-basis: 100%; }
      .values span { box-shadow: 0 1.5px 0 var(--type, transparent); line-height: 1.2; }
      .tile kelvin-line-chart { flex: 1; min-height: 1.9rem; width: 100%; --chart-height: auto; }
      .short { font-size: var(--k-text-2xs); line-height: 1.25; color: var(--k-ink-3); }
      .large { --chart-height: 12rem; }
      .meaning { color: var(--k-ink-2); max-width: 38rem; }
      a { color: inherit; white-space: nowrap; text-underline-offset: 3px; }
      @media (max-width: 1279px) and (min-width: 1001px) { :host { grid-template: auto / 24rem 1fr; } .tiles { border-left: 1px solid var(--k-line); } .tile:nth-child(-n + 2) { border-top: 0; } }
    `,
  ];

  @property({ attribute: false }) store!: Store;
  @state() private opened: string | null = null;

  constructor() {
    super();
    new StoreController(this);
  }

  override render() {
    return html`<kelvin-headline-gauge .store=${this.store}></kelvin-headline-gauge>
      <section class="tiles" aria-label="Training curves">${this.gauges.map((gauge) => this.renderTile(gauge))}</section>
      ${this.renderDialog()}`;
  }

  /** Those of the run's method; before a run, of the one that is set up. */
  private get gauges(): readonly GaugeInfo[] {
    const { run, methodDisplay } = this.store;
    return [...(run.header?.display.gauges ?? methodDisplay?.gauges ?? USUAL_GAUGES), TIMES];
  }

  private seriesOf(gauge: GaugeInfo): ChartSeries[] {
    const { run, methodDisplay } = this.store;
    return gauge === TIMES ? phaseSeconds(run.history, phasesOf(run, methodDisplay)) : gaugeSeries(gauge, run.history);
  }

  private renderTile(gauge: GaugeInfo) {
    const series = this.seriesOf(gauge);
    return html`<button class="tile" type="button" aria-label="${gauge.title}: ${this.spoken(gauge, series)}. Open meaning and table" @click=${() => this.open(gauge)}>
      <span class="head ${gauge.range[0] < 0 && series.length > 1 ? "apart" : ""}"><span class="title">${gauge.title}</span><span class="values number">${this.renderValues(gauge, series)}</span></span>
      <kelvin-line-chart aria-hidden="true" .steps=${this.steps} .series=${series} .range=${gaugeRange(gauge, series)} .until=${this.until}></kelvin-line-chart>
      <span class="short">${gauge.short}</span>
    </button>`;
  }

  private renderValues(gauge: GaugeInfo, series: readonly ChartSeries[]) {
    if (series.length === 0 || this.steps.length === 0) return html`<span class="quiet">–</span>`;
    if (gauge === TIMES) return html`<span>${duration(this.lastStepMs)}</span>`;
    return series.map(
      (line) =>
        html`<span class=${line.label}>${fixed(lastValue(line), gauge.decimals).replace(/^(−?)0\./u, "$1.")}</span>`,
    );
  }

  private renderDialog() {
    const gauge = this.gauges.find(({ name }) => name === this.opened);
    const series = gauge ? this.seriesOf(gauge) : [];
    const table = tableOf(this.steps, series, gauge?.decimals ?? 2);
    return html`<kelvin-dialog heading=${gauge?.title ?? ""} .open=${gauge !== undefined} @closed=${this.close}>
      ${
        gauge
          ? html`<p class="meaning">${gauge.meaning} ${placeLink(termPlace(gauge.term), "More in Learn")}</p>
            <kelvin-line-chart class="large" detailed label="${gauge.title} by step, ${this.spoken(gauge, series)}" .steps=${this.steps} .series=${series} .range=${gaugeRange(gauge, series)} .until=${this.until}></kelvin-line-chart>
            <kelvin-data-table caption="${gauge.title} by step" .columns=${table.columns} .rows=${table.rows}></kelvin-data-table>`
          : nothing
      }
    </kelvin-dialog>`;
  }

  private spoken(gauge: GaugeInfo, series: readonly ChartSeries[]): string {
    if (series.length === 0 || this.steps.length === 0) return "no data yet";
    return series.map((line) => `${line.label} ${fixed(lastValue(line), gauge.decimals)}`).join(", ");
  }

  private get steps(): number[] {
    return this.store.run.history.map(({ step }) => stepNumber(step));
  }

  /** End of the axis, beyond the first steps, so that they do not look like a trend. */
  private get until(): number {
    const planned = this.store.run.header?.steps ?? this.store.setup.steps;
    return Math.min(planned, 20);
  }

  private get lastStepMs(): number {
    return Object.values(this.store.run.history.at(-1)?.timings ?? {}).reduce((sum, ms) => sum + ms, 0);
  }

  private open(gauge: GaugeInfo): void {
    this.opened = gauge.name;
  }

  private close(): void {
    this.opened = null;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-gauge-panel": GaugePanel;
  }
}
