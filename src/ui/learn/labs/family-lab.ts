import { css, html, LitElement, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { RewardedGroup } from "../../../contracts";
import type { RunState, StepState } from "../../../telemetry/state";
import { fixed, reward, signed, stepNumber } from "../../format";
import { heat } from "../../heat";
import { base, buttons, heatColors } from "../../styles";
import { type FamilyRow, familyRows, groupsIn, MEMBERS, type MemberView, tellingGroup } from "../family-rows";
import { labStyles } from "./lab-styles";

const SHOWN = ["advantage", "weight", "share"] as const;
type Shown = (typeof SHOWN)[number];

const WORDS: Readonly<Record<Shown, { button: string; said: string }>> = {
  advantage: { button: "Advantage", said: "What each answer's reward comes to, compared." },
  weight: {
    button: "Weight of a token",
    said: "What one token of the answer weighs in the loss. 1 is the same for all tokens of the step.",
  },
  share: {
    button: "Share of the step",
    said: "How much of the step's pull comes from the answer: advantage times weight times tokens, whatever the direction.",
  },
};

/** Most samples of a group that are listed. */
const MOST = 16;

const sampleIds = (group: string, count: number) => Array.from({ length: count }, (_, index) => `${group}/${index}`);
/** A step to look at where no run has one: eight answers to one task, and eight to an easier one. */
const EXAMPLE: readonly RewardedGroup[] = [
  {
    ...{ group: "an example", sampleIds: sampleIds("a", 8), rewards: [1, -0.5, -0.5, -1, 1, -0.5, -0.5, -0.5] },
    tokens: [24, 6, 5, 40, 28, 6, 22, 5],
  },
  {
    ...{ group: "another", sampleIds: sampleIds("b", 8), rewards: [1, 1, 1, -0.5, 1, 1, 1, 1] },
    tokens: [20, 6, 21, 5, 22, 19, 6, 20],
  },
];

/** One group of the run on screen under every member of the GRPO family, side by side. */
@customElement("kelvin-family-lab")
export class FamilyLab extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    heatColors,
    labStyles,
    css`
      :host { display: grid; gap: var(--k-space-4); }
      .scroll { overflow-x: auto; border: 1px solid var(--k-line); border-radius: var(--k-radius-2); }
      table { border-collapse: collapse; width: 100%; font-size: var(--k-text-xs); font-variant-numeric: tabular-nums; }
      caption { text-align: left; padding: var(--k-space-3); color: var(--k-ink-2); }
      th, td { padding: 0.3rem 0.6rem; text-align: right; font-weight: var(--k-weight); border-top: 1px solid var(--k-line); white-space: nowrap; }
      thead th { border-top: 0; font-weight: var(--k-weight-medium); }
      th:first-child { text-align: left; }
      td[data-heat] { background: var(--heat); color: var(--on-heat); }
      .button[aria-pressed="true"] { border-color: var(--k-ink); box-shadow: inset 0 0 0 1px var(--k-ink); }
    `,
  ];

  /** The run on screen. */
  @property({ attribute: false }) run: RunState | null = null;
  @state() private shown: Shown = "advantage";

  override render() {
    const { groups, chosen, where } = this.look();
    const rows = familyRows(groups, chosen).slice(0, MOST);
    return html`<div class="row" role="group" aria-label="What is shown">${SHOWN.map((one) => html`<button class="button" type="button" aria-pressed=${one === this.shown} @click=${() => this.show(one)}>${WORDS[one].button}</button>`)}</div>
      <p class="said">${WORDS[this.shown].said}</p>
      <div class="scroll" tabindex="0" role="region" aria-label="One group under every member of the family"><table>
        <caption>${where}</caption>
        <thead><tr><th scope="col">answer</th><th scope="col">reward</th><th scope="col">tokens</th>${MEMBERS.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
        <tbody>${rows.map((row, index) => this.renderRow(row, index))}</tbody>
      </table></div>`;
  }

  private renderRow(row: FamilyRow, index: number) {
    return html`<tr><th scope="row">${index + 1}</th><td>${reward(row.reward)}</td><td>${row.tokens}</td>${MEMBERS.map((name) => this.renderCell(row.members[name]))}</tr>`;
  }

  private renderCell({ advantage, weight, share }: MemberView): TemplateResult {
    if (this.shown === "advantage") return html`<td data-heat=${heat(advantage)}>${signed(advantage)}</td>`;
    return this.shown === "weight" ? html`<td>${fixed(weight)}</td>` : html`<td>${(100 * share).toFixed(1)} %</td>`;
  }

  private show(shown: Shown): void {
    this.shown = shown;
  }

  /** The latest step in which a group differs; the example before any step has one. */
  private look(): { groups: readonly RewardedGroup[]; chosen: number; where: string } {
    const steps = this.run ? [this.run.current, this.run.previous] : [];
    for (const step of steps.filter((one): one is StepState => one !== null && one.credits.length > 0)) {
      const groups = groupsIn(step);
      const chosen = tellingGroup(groups);
      const group = groups[chosen];
      if (group)
        return {
          ...{ groups, chosen },
          where: `Step ${stepNumber(step.step)} of the run on screen: “${group.group}”, one of ${groups.length} groups.`,
        };
    }
    return { groups: EXAMPLE, chosen: 0, where: "An example of eight answers; a run on screen takes its place." };
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-family-lab": FamilyLab;
  }
}
