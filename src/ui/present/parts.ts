/** Parts of a presentation that only display their arguments. */
import { html, nothing } from "lit";
import { largest } from "../../contracts";
import type { RunState } from "../../telemetry/state";
import "../elements/line-chart";
import { fixed, percent } from "../format";
import { headline, lastValue, suitesOf } from "../gauges";
import { heat } from "../heat";
import { icon } from "../icons";
import type { Scene } from "../scenes";
import type { Exchange } from "../text-stage";
import { RATES, type Tile } from "./moment";

/** Narrower windows stack the presentation; a chart has no room for large type there. */
const NARROW = 900;

/** The headline: one large number, and the curve behind it. */
export function renderAccuracy(run: RunState) {
  const { steps, series, forced } = headline(run, suitesOf(run)[0] ?? "");
  const [first] = series;
  const [now, before] = [first ? lastValue(first) : null, first?.values[0] ?? null];
  const reached = largest(
    forced.map(({ value }) => value),
    0,
  );
  const references = reached > 0 ? [{ value: reached, label: `worked traces reach ${fixed(reached, 1)}` }] : [];
  const spoken = series.map((line) => `${line.label} ${fixed(lastValue(line), 1)}`).join(", ");
  return html`<section class="accuracy" aria-label="Held-out accuracy">
    <h2>Held-out accuracy</h2>
    <p class="big number"><b>${now === null ? "–" : percent(now / 100)} %</b> ${first?.label ?? ""} <span class="quiet">${before !== null && steps.length > 1 ? `from ${fixed(before, 1)}` : ""}</span></p>
    <kelvin-line-chart detailed scale=${innerWidth > NARROW ? 1.6 : 1.15} label="Held-out accuracy by step: ${spoken}" .steps=${steps} .series=${series} .range=${[0, 100]} .references=${references} .until=${Math.max(10, run.header?.steps ?? 10)}></kelvin-line-chart>
  </section>`;
}

/** A row of tiles under their count. */
export function renderTiles(tiles: readonly Tile[]) {
  if (tiles.length === 0) return html`<p class="none">No attempts at this task yet.</p>`;
  return html`<h2>${countTiles(tiles)}</h2><ul>${tiles.map(renderTile)}</ul>`;
}

/** The prompt of an exchange, where a method has no tasks. */
export function renderExchange({ kind, prompt }: Exchange) {
  return html`<section class="task" aria-label="Prompt"><h2>${kind}</h2>
    <kelvin-code-listing class=${sizeOf(prompt)} code=${prompt} label="Prompt"></kelvin-code-listing></section>`;
}

/** Number of attempts, and of those that only measure the difficulty. */
export function countTiles(tiles: readonly Tile[]): string {
  const rating = tiles.filter(({ foot }) => foot === RATES).length;
  const all = tiles.length === 1 ? "One attempt" : `${tiles.length} attempts`;
  if (rating === 0) return all;
  return rating === tiles.length
    ? `${all}, to see how hard the task is`
    : `${all}, ${rating} of them only to see how hard the task is`;
}

/** One attempt as a tile of heat. */
export function renderTile({ answer, verdict, advantage, foot }: Tile) {
  const plain = advantage === null ? "plain" : "";
  return html`<li class=${plain} data-heat=${advantage === null ? "zero" : heat(advantage)}>
    <span class="verdict">${verdict ? html`${icon(verdict.icon)}${verdict.word}` : " "}</span>
    <b class="code ${answer.length > 12 ? "small" : answer.length > 5 ? "medium" : ""}">${answer}</b>
    <span class="foot number">${foot}</span></li>`;
}

/** Input and output of the task; for induction the shown pairs. */
export function renderPairs({ task, proposal, inputs }: Scene) {
  const pairs = task?.pairs.slice(0, 3) ?? [];
  if (pairs.length > 1)
    return html`<span>${pairs.map(({ input, output }) => html`<span class="asked">f(${input}) <span class="quiet">→</span> <b>${output}</b></span>`)}</span>`;
  const output = pairs[0]?.output ?? proposal?.output;
  if (pairs.length === 0 && inputs.length === 0) return nothing;
  return html`<span>f(${pairs[0]?.input ?? inputs[0] ?? ""})${output === undefined ? nothing : html` <span class="quiet">→</span> <b>${output}</b>`}</span>`;
}

/** The verifier's ruling on the proposal; nothing for a task from elsewhere. */
export function renderRuling({ proposal }: Scene) {
  const verdict = proposal?.verdict;
  if (!verdict) return nothing;
  const valid = verdict.verdict === "VALID";
  return html`<span class="ruling ${valid ? "valid" : "refused"}">${icon(valid ? "right" : "wrong")}${valid ? "ruled valid" : "refused"}</span>`;
}

/** Font size; long programs get a smaller one to fit. */
export function sizeOf(program: string): string {
  const lines = program.split("\n");
  const widest = largest(lines.map((line) => line.length));
  return lines.length > 6 || widest > 26 ? "small" : "";
}
