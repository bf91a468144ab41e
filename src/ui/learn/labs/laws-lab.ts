import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { LawWords } from "../../../contracts";
import type { RunState } from "../../../telemetry/state";
import { percent } from "../../format";
import { base, buttons } from "../../styles";
import { brokenIn, type Chosen, chosenIn, linkOf, listed, raised, settingOf, toggled } from "../constitution";
import { labStyles } from "./lab-styles";

const DEFAULT = "%,//,if";

/** All laws with what the run on screen measures of them; a visitor chooses and orders those of the next run. */
@customElement("kelvin-laws-lab")
export class LawsLab extends LitElement {
  static override readonly styles = [
    base,
    buttons,
    labStyles,
    css`
      :host { display: grid; gap: var(--k-space-4); }
      .scroll { overflow-x: auto; }
      table { width: 100%; border-collapse: collapse; }
      caption { text-align: left; padding-bottom: var(--k-space-3); color: var(--k-ink-2); }
      th, td { padding: 0.35rem 0.5rem; text-align: left; font-weight: var(--k-weight); border-top: 1px solid var(--k-line); }
      td.share { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
      label { display: flex; gap: 0.6rem; align-items: center; min-height: var(--k-target); cursor: pointer; }
    `,
  ];

  @property({ attribute: false }) run?: RunState;
  /** null until the visitor chooses: those of the run on screen. */
  @state() private own: Chosen | null = null;

  override render() {
    const setting = this.run ? settingOf(this.run) : null;
    const chosen = this.own ?? chosenIn(setting ?? DEFAULT);
    return html`<div class="scroll" tabindex="0" role="group" aria-label="Laws"><table>
        <caption>Valid programs that break each law, in percent. ${setting === null ? "A run of Constitutional AI puts its figures here." : "The run on screen measures every law, also those that it does not teach."}</caption>
        <thead><tr><th scope="col">law</th><th scope="col">order</th><th scope="col">before</th><th scope="col">held out</th><th scope="col">this step</th></tr></thead>
        <tbody>${repeat(
          listed(chosen),
          ({ name }) => name,
          (law) => this.renderLaw(law, chosen),
        )}</tbody></table></div>
      <p class="said" aria-live="polite">${
        chosen.length === 0
          ? "A constitution has at least one law."
          : html`<a href=${linkOf(chosen)}>A new run</a> under <code>${chosen.join(",")}</code>. The page loads anew; a run under way is stopped.`
      }</p>`;
  }

  private renderLaw(law: LawWords, chosen: Chosen) {
    const place = chosen.indexOf(law.name);
    const broken = this.run && settingOf(this.run) !== null ? brokenIn(this.run, law) : null;
    return html`<tr><th scope="row"><label><input type="checkbox" .checked=${place >= 0} @change=${() => this.take(toggled(chosen, law.name))} /> ${law.sentence}</label></th>
      <td>${place > 0 ? html`<button class="button" type="button" aria-label="Earlier: ${law.sentence}" @click=${() => this.take(raised(chosen, law.name))}>↑</button>` : nothing}</td>
      ${[broken?.before, broken?.heldOut, broken?.step].map((share) => html`<td class="share">${percent(share)}</td>`)}</tr>`;
  }

  private take(chosen: Chosen): void {
    this.own = chosen;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "kelvin-laws-lab": LawsLab;
  }
}
