/** Web Awesome's selects and sliders. Only code that is itself loaded on demand may import this file. */
import "@awesome.me/webawesome/dist/components/option/option.js";
import "@awesome.me/webawesome/dist/components/select/select.js";
import type WaSelect from "@awesome.me/webawesome/dist/components/select/select.js";
import "@awesome.me/webawesome/dist/components/slider/slider.js";
import type WaSlider from "@awesome.me/webawesome/dist/components/slider/slider.js";
import { css, html, nothing, type TemplateResult } from "lit";

/** Position of a control's label. */
type Labelled = "above" | "beside";

/** Styles that match the page's own fields. */
export const controls = css`
  wa-select, wa-slider { min-width: 0; font-size: var(--k-text-xs); }
  wa-select::part(label), wa-slider::part(label) { margin: 0 0 0.15rem; color: var(--k-ink-2); }
  wa-select::part(combobox) { min-height: var(--k-target); background: var(--k-surface); }
  wa-select::part(expand-icon) { margin-inline-start: 0.25rem; font-size: 0.65rem; }
  wa-select::part(listbox) { min-width: max-content; max-width: min(34rem, 92vw); }
  wa-option { min-height: var(--k-target); font-size: var(--k-text-xs); overflow-wrap: anywhere; }
  wa-slider { --track-size: 0.3rem; --thumb-width: 1.1rem; --thumb-height: 1.1rem; }
  wa-slider b { color: var(--k-ink); font-variant-numeric: tabular-nums; }
  wa-slider::part(track) { background: var(--k-line-strong); }
  wa-slider::part(slider) { display: grid; align-items: center; min-height: var(--k-target); margin-block: 0; padding-inline: 0.55rem; }
  .beside { flex-direction: row; align-items: center; gap: 0.4rem; }
  .beside::part(label) { margin: 0; }
  .beside::part(slider), .beside::part(form-control-input) { flex: 1; }
`;

interface Choice {
  readonly label: string;
  readonly value: string;
  /** Values and their labels. */
  readonly options: Iterable<readonly [value: string, words: string]>;
  readonly name?: string;
  readonly labelled?: Labelled;
  readonly onChange?: (value: string) => void;
  /** What stands in the field where a choice is too long for it; the list has all. */
  readonly taken?: (words: string) => string;
}

/** One of several. In a form its `name` carries the value as any field's. */
export function select({
  label,
  value,
  options,
  name,
  labelled = "above",
  onChange,
  taken = (words) => words,
}: Choice): TemplateResult {
  const onPick = (event: Event): void => onChange?.(String((event.currentTarget as WaSelect).value ?? ""));
  const all = [...options];
  // A select takes over the words of another choice, but not other words of the same one.
  const shown = all.find(([key]) => key === value)?.[1] ?? "";
  return html`<wa-select class=${labelled} size="s" label=${label} name=${name ?? nothing} .value=${value} .displayLabel=${taken(shown)} @change=${onPick}>${all.map(([key, words]) => html`<wa-option value=${key} .label=${taken(words)}>${words}</wa-option>`)}</wa-select>`;
}

interface Range {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  /** The value as read by screen readers. */
  readonly words: (value: number) => string;
  /** The value beside the label; "" if it is shown elsewhere. */
  readonly shown?: string;
  readonly labelled?: Labelled;
  readonly onInput: (value: number) => void;
}

/** A slider. */
export function slider(range: Range): TemplateResult {
  const { label, value, min, max, step = 1, words, shown = "", labelled = "above", onInput } = range;
  const onMove = (event: Event): void => onInput((event.currentTarget as WaSlider).value);
  return html`<wa-slider class=${labelled} size="s" .min=${min} .max=${max} .step=${step} .value=${value} .valueFormatter=${words} @input=${onMove}><span slot="label">${label} ${shown === "" ? nothing : html`<b aria-hidden="true">${shown}</b>`}</span></wa-slider>`;
}
