import { css, html, LitElement } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { ALL_TASK_TYPES } from "../../contracts";
import type { TaskRecord } from "../../telemetry/task-book";
import { type DifficultyMap, difficultyMap, MAP_AXES, type MapAxis, mapTable } from "../difficulty";
import { controls, select } from "../elements/controls";
import "../elements/data-table";
import "../elements/line-chart";
import type { ChartSeries, ChartSpot } from "../elements/line-chart-types";
import "../elements/modal-dialog";
import { plural } from "../format";
import { TYPE_STYLE } from "../gauges";
import { base, buttons, cards } from "../styles";

const MEANING: Readonly<Record<MapAxis, string>> = {
  statements:
    "Statements of each new program, by the step that wrote it. Marks grow with the number of tasks, lines are means. Self-play that makes its own tasks harder drifts upwards.",
  rate: "How often each new task was solved when it was rated, by the step that wrote it. A proposer earns most a little above zero; tasks at one teach nothing any more.",
};

/** Share of a bin between types, so that the largest marks just touch. */
const APART = 0.32;
const LARGEST = 0.16;
/** Minimum number of bins, so that the first steps do not fill the map. */
const FEWEST = 8;

/** Tasks over training steps: a mark per type, bin and height, and a line of means per type. */
@customElement("kelvin-difficulty-map")
export class DifficultyMapPanel extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    cards,
    controls,
    css`
      .card > header { flex-wrap: wrap; padding-bottom: 0.3rem; }
      wa-select { margin-left: auto; width: 13rem; }
      .small { height: 1.75rem; font-size: var(--k-text-xs); border-color: var(--k-line); }
      kelvin-line-chart { --chart-height: 11rem; margin: 0 var(--k-space-3); }
      .meaning { padding: 0 var(--k-space-5) 0.7rem; font-size: var(--k-text-xs); color: var(--k-ink-2); }
      @media (max-width: 720px) { .small { height: var(--k-target); } }
    `,
  ];

  @property({ attribute: false }) records: readonly TaskRecord[] = [];
  @state() private axis: MapAxis = "statements";
  @state() private tableOpen = false;
  private map: DifficultyMap = difficultyMap([], "statements");

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has("records") || changed.has("axis")) this.map = difficultyMap(this.records, this.axis);
  }

  override render() {
    const { map, axis } = this;
    const { columns, rows } = mapTable(map);
    const label = `Map of ${plural(this.records.length, "task")}: ${MAP_AXES[axis]} by step. The table holds the same figures.`;
    return html`<section class="card" aria-labelledby="title">
      <header><h2 id="title">Difficulty over time</h2>
        ${select({ label: "measured by", value: axis, options: Object.entries(MAP_AXES), labelled: "beside", onChange: (key) => this.choose(key as MapAxis) })}
        <button class="button small" type="button" @click=${this.toggleTable}>Table</button></header>
      <kelvin-line-chart detailed label=${label} .steps=${map.bins.map(middle)} .series=${seriesOf(map)} .spots=${spotsOf(map)} .range=${rangeOf(map, axis)} .from=${(map.bins[0]?.[0] ?? 0) - 0.5} .until=${endOf(map)}></kelvin-line-chart>
      <p class="meaning">${MEANING[axis]}</p>
      <kelvin-dialog heading="Difficulty over time" .open=${this.tableOpen} @closed=${this.toggleTable}>
        <p>${MEANING[axis]}</p>
        <kelvin-data-table caption="Tasks and their mean ${MAP_AXES[axis]}, by step and type" .columns=${columns} .rows=${rows}></kelvin-data-table>
      </kelvin-dialog>
    </section>`;
  }

  private choose(axis: MapAxis): void {
    this.axis = axis;
  }

  private toggleTable(): void {
    this.tableOpen = !this.tableOpen;
  }
}

function middle([from, to]: readonly [number, number]): number {
  return (from + to) / 2;
}

/** Last step of the map. */
function endOf({ bins }: DifficultyMap): number {
  const [from, to] = bins[0] ?? [0, 0];
  return Math.max((bins.at(-1)?.[1] ?? 0) + 0.5, from - 0.5 + FEWEST * (to - from + 1));
}

function seriesOf({ means }: DifficultyMap): ChartSeries[] {
  return ALL_TASK_TYPES.map((type) => ({ label: type, ...TYPE_STYLE[type], values: means[type] })).filter(
    ({ values }) => values.some((value) => value !== null),
  );
}

function spotsOf({ bins, spots }: DifficultyMap): ChartSpot[] {
  const most = spots.reduce((largest, { count }) => Math.max(largest, count), 1);
  return spots.map(({ type, bin, value, count }) => {
    const [from, to] = bins[bin] ?? [0, 0];
    const { color, mark: shape } = TYPE_STYLE[type];
    const width = to - from + 1;
    const x = middle([from, to]) + (ALL_TASK_TYPES.indexOf(type) - 1) * APART * width;
    return { shape, color, x, value, radius: LARGEST * width * Math.sqrt(count / most) };
  });
}

/** Fixed range of the axis; the one for statements grows by four. */
function rangeOf({ spots }: DifficultyMap, axis: MapAxis): readonly [number, number] {
  if (axis === "rate") return [0, 1];
  const highest = spots.reduce((most, { value }) => Math.max(most, value), 0);
  return [0, Math.max(8, Math.ceil((highest + 1) / 4) * 4)];
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-difficulty-map": DifficultyMapPanel;
  }
}
