import { css, html, LitElement, unsafeCSS } from "lit";
import { customElement, property } from "lit/decorators.js";
import uPlot from "uplot";
import uPlotStyles from "uplot/dist/uPlot.min.css?inline";
import { largest } from "../../contracts";
import { base } from "../styles";
import { ThemeController, token } from "../theme";
import { drawEndMarks, drawReferenceLine, drawSpots, type EndMark } from "./chart-marks";
import type { ChartSeries, ChartSpot, ReferenceLine } from "./line-chart-types";

/** Lines over training steps with a fixed range. The canvas is an image; a table elsewhere has the same numbers. */
@customElement("kelvin-line-chart")
export class LineChart extends LitElement {
  static override readonly styles = [
    base,
    unsafeCSS(uPlotStyles),
    css`
      :host { position: relative; height: var(--chart-height, 3.4rem); }
      .plot { position: absolute; inset: 0; }
      :host(:not([detailed])) .plot { border-block: 1px solid var(--k-grid); }
      .u-legend { display: none; }
    `,
  ];

  @property({ attribute: false }) steps: readonly number[] = [];
  @property({ attribute: false }) series: readonly ChartSeries[] = [];
  @property({ attribute: false }) range: readonly [number, number] = [0, 1];
  /** Last step of the axis; 0 means the last value. */
  @property({ type: Number }) until = 0;
  /** First step of the axis; null means the first value. */
  @property({ attribute: false }) from: number | null = null;
  @property({ attribute: false }) references: readonly ReferenceLine[] = [];
  /** Marks behind the lines. */
  @property({ attribute: false }) spots: readonly ChartSpot[] = [];
  /** Whether to draw axes and labels; small gauges do not. */
  @property({ type: Boolean, reflect: true }) detailed = false;
  @property() label = "";
  /** Scale of type and strokes, for a large screen. */
  @property({ type: Number }) scale = 1;

  private plot: uPlot | null = null;
  /** Key of the options that need a new plot; data changes do not. */
  private built = "";
  /** As observed, in CSS pixels: to read it from the element would lay the page out anew for every chart and update. */
  private size = { width: 0, height: 0 };
  private readonly resizer = new ResizeObserver(([entry]) => entry && this.resize(entry.contentRect));

  constructor() {
    super();
    new ThemeController(this, () => this.rebuild());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.resizer.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.resizer.disconnect();
    this.rebuild();
  }

  override render() {
    return html`<div class="plot" role="img" aria-label=${this.label}></div>`;
  }

  override updated(): void {
    const shape = JSON.stringify([
      this.series.map(({ label }) => label),
      this.range,
      this.from,
      this.until,
      this.detailed,
      this.references,
      this.scale,
    ]);
    if (shape !== this.built) this.drop();
    if (this.size.width === 0 || this.size.height === 0) return;
    this.built = shape;
    if (this.plot) this.plot.setData(this.data());
    else this.build();
  }

  private rebuild(): void {
    this.drop();
    if (this.isConnected) this.requestUpdate();
  }

  private drop(): void {
    this.plot?.destroy();
    this.plot = null;
  }

  private resize({ width, height }: Pick<DOMRectReadOnly, "width" | "height">): void {
    this.size = { width: Math.round(width), height: Math.round(height) };
    if (!this.plot) this.requestUpdate();
    else if (this.size.width > 0) this.plot.setSize(this.size);
  }

  private data(): uPlot.AlignedData {
    return [[...this.steps], ...this.series.map(({ values }) => [...values])];
  }

  private build(): void {
    const target = this.renderRoot.querySelector<HTMLElement>(".plot");
    if (!target) return;
    this.plot = new uPlot(this.options(), this.data(), target);
  }

  private options(): uPlot.Options {
    const [low, high] = this.range;
    return {
      ...this.size,
      padding: this.detailed ? [10 * this.scale, 74 * this.scale, 0, 0] : [4, 6, 4, 6],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        // uPlot's default would extend a single value's axis to a hundred.
        x: { time: false, range: () => this.span() },
        y: { range: [low, high] },
      },
      axes: this.axes(),
      series: [{}, ...this.series.map((series) => this.line(series))],
      hooks: {
        drawAxes: [(plot) => this.drawReferences(plot), (plot) => this.drawSpots(plot)],
        draw: [(plot) => this.drawMarks(plot)],
      },
    };
  }

  /** First and last step of the axis. */
  private span(): [number, number] {
    const first = this.from ?? this.steps[0] ?? 0;
    return [first, Math.max(this.until, this.steps.at(-1) ?? 0, first + 1)];
  }

  private line({ label, color, dash }: ChartSeries): uPlot.Series {
    return {
      label,
      stroke: token(this, color),
      width: (this.detailed ? 2.2 : 1.75) * this.scale,
      dash: dash.map((length) => length * this.scale),
      points: { show: false },
      spanGaps: true,
    };
  }

  private axes(): uPlot.Axis[] {
    if (!this.detailed) return [{ show: false }, { show: false }];
    const common = { stroke: token(this, "--k-ink-3"), font: this.font(11), ticks: { show: false } };
    const grid = { stroke: token(this, "--k-grid"), width: 1 };
    return [
      {
        ...common,
        grid: { show: false },
        size: 22 * this.scale,
        gap: 2 * this.scale,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
      },
      {
        ...common,
        grid,
        size: (plot, ticks) => this.axisWidth(plot, ticks),
        gap: 4 * this.scale,
        splits: () => quarters(this.range),
        values: (_plot, splits) => splits.map(tick),
      },
    ];
  }

  /** As wide as the widest tick, in pixels of the page. */
  private axisWidth(plot: uPlot, ticks: readonly string[] | null): number {
    plot.ctx.font = this.font(11);
    const widest = largest(
      (ticks ?? []).map((text) => plot.ctx.measureText(text).width),
      0,
    );
    return Math.max(34 * this.scale, Math.ceil(widest) + 8 * this.scale);
  }

  private drawReferences(plot: uPlot): void {
    for (const line of this.references)
      drawReferenceLine(plot, line, token(this, "--k-ink-3"), this.font(11 * devicePixelRatio));
  }

  private drawSpots(plot: uPlot): void {
    drawSpots(
      plot,
      this.spots.map((spot) => ({ ...spot, color: token(this, spot.color) })),
    );
  }

  private drawMarks(plot: uPlot): void {
    const marks = this.series.map((series) => this.endMark(series)).filter((mark) => mark !== null);
    drawEndMarks(plot, marks, token(this, "--k-ink"), this.font(11 * devicePixelRatio, 600), this.scale);
  }

  private endMark({ label, color, mark, values }: ChartSeries): EndMark | null {
    const last = values.findLastIndex((value) => value !== null);
    const value = values[last];
    const x = this.steps[last];
    if (value === undefined || value === null || x === undefined) return null;
    return { shape: mark, color: token(this, color), label: this.detailed ? label : "", value, x };
  }

  private font(pixels: number, weight = 400): string {
    return `${weight} ${pixels * this.scale}px ${token(this, "--k-font-sans")}`;
  }
}

/** Five ticks including the ends. */
function quarters([low, high]: readonly [number, number]): number[] {
  return [0, 1, 2, 3, 4].map((tick) => low + (tick * (high - low)) / 4);
}

/** A short tick label with a real minus sign. */
function tick(value: number): string {
  return String(Math.round(value * 1e4) / 1e4).replace("-", "−");
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-line-chart": LineChart;
  }
}
