import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { titleOf } from "../../telemetry/older-logs";
import type { RewardCount, RewardField } from "../../telemetry/reward-field";
import "../elements/reward-field";
import { base } from "../styles";

/** A solver's rewards; other methods pay otherwise. */
const USUAL: ReadonlySet<number> = new Set([1, -0.5, -1]);
/** Most columns; a longer run shows every nth step. */
const COLUMNS = 20;

/** The rewards of a recorded run's answers, step by step. */
@customElement("kelvin-recorded-field")
export class RecordedField extends LitElement {
  static override readonly styles = [
    base,
    css`
      figure { display: grid; gap: var(--k-space-4); }
      figcaption { font-size: var(--k-text-xs); color: var(--k-ink-2); line-height: 1.45; text-wrap: pretty; }
      b { color: var(--k-ink); }
    `,
  ];

  @property({ attribute: false }) field: RewardField | null = null;

  override render() {
    const steps = this.field?.rewards.deduction;
    if (!this.field || !steps?.length) return nothing;
    const shown = pick(steps.length);
    const columns = shown.map((step) => steps[step] ?? []);
    const { model, method, title, seed } = this.field;
    const every = shown.length > 1 ? (shown[1] ?? 0) - (shown[0] ?? 0) : 1;
    const first = rightOf(columns[0] ?? []);
    const last = rightOf(columns.at(-1) ?? []);
    const usual = columns.flat().every(({ reward }) => USUAL.has(reward));
    const word = usual ? "right" : "paid";
    const label = `Deduction answers of a recorded run: ${first} ${word} in step ${(shown[0] ?? 0) + 1}, ${last} in step ${(shown.at(-1) ?? 0) + 1}.`;
    return html`<figure><kelvin-reward-field .columns=${columns} label=${label}></kelvin-reward-field>
      <figcaption><b>A recorded run</b> of ${model.name} by ${title ?? titleOf({ method })}, seed ${seed}. One square per sampled deduction answer,
        ${every === 1 ? "a column per step" : `a column for every ${ordinal(every)} step`}, ${(shown[0] ?? 0) + 1} to ${(shown.at(-1) ?? 0) + 1}.
        ${legend(usual)} ${usual ? "Right" : "Paid"}: ${first}, in the end ${last}.</figcaption></figure>`;
  }
}

/** What the colours mean. */
function legend(usual: boolean): string {
  return usual
    ? "Orange was right (+1), blue wrong (−0.5), the other blue on top gave no answer (−1)."
    : "Orange earned +1, the others less.";
}

/** The last step and every nth before it. */
function pick(steps: number): number[] {
  const every = Math.max(1, Math.ceil(steps / COLUMNS));
  return Array.from({ length: Math.ceil(steps / every) }, (_unused, index) => steps - 1 - index * every).reverse();
}

function rightOf(column: readonly RewardCount[]): string {
  const count = (counts: readonly RewardCount[]) => counts.reduce((sum, one) => sum + one.count, 0);
  return `${count(column.filter(({ reward }) => reward > 0))} of ${count(column)}`;
}

function ordinal(count: number): string {
  return count === 2 ? "second" : count === 3 ? "third" : `${count}th`;
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-recorded-field": RecordedField;
  }
}
